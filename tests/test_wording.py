"""Numbers, money, lists, plurals, sorting and folding as readers of each language see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from builder import wording

CONTENT = Path(__file__).parent.parent / "content"
FORMATS: dict[str, dict[str, Any]] = {
    lang: yaml.load((CONTENT / lang / "formats.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    for lang in ("en", "ru", "tg")
}
EN, RU, TG = FORMATS["en"], FORMATS["ru"], FORMATS["tg"]


@pytest.mark.parametrize(
    ("value", "english", "others"),
    [
        (0, "0", "0"), (7, "7", "7"), (-3, "−3", "−3"), (999, "999", "999"), (1234, "1,234", "1234"), (9999, "9,999", "9999"),
        (12345, "12,345", "12\u00a0345"), (1234.5, "1,234.5", "1234,5"), (4190.3, "4,190.3", "4190,3"), (0.5, "0.5", "0,5"),
        (1234567.8, "1,234,567.8", "1\u00a0234\u00a0567,8"), (267000000, "267,000,000", "267\u00a0000\u00a0000"),
        (0.00001, "0.00001", "0,00001"), (-0.25, "−0.25", "−0,25"),
    ],
)  # fmt: skip
def test_numbers_are_grouped_as_each_language_does_it(value: float, english: str, others: str) -> None:
    assert wording.number(value, EN) == english
    assert wording.number(value, RU) == wording.number(value, TG) == others


@given(st.integers(-(10**15), 10**15))
def test_no_digit_of_a_number_is_lost(value: int) -> None:
    for formats in FORMATS.values():
        written = wording.number(value, formats)
        assert int(written.replace("−", "-").replace(",", "").replace("\u00a0", "")) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e17])
def test_what_is_no_number_of_a_fact_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        wording.number(value, EN)


def test_percentages_have_their_space_only_in_russian() -> None:
    assert [wording.percent(46, formats) for formats in (EN, RU, TG)] == ["46%", "46\u00a0%", "46%"]


@pytest.mark.parametrize(
    ("amount", "currency", "english", "russian", "tajik"),
    [
        (450361, "USD", "US$450,361", "450 361 долл. США", "450 361 доллари ИМА"),
        (267000000, "JPY", "¥267,000,000", "267 000 000 иен", "267 000 000 иенаи Ҷопон"),
        (267000001, "JPY", "¥267,000,001", "267 000 001 иена", "267 000 001 иенаи Ҷопон"),
        (22, "GBP", "£22", "22 фунта стерлингов", "22 фунт стерлинги Британия"),
        (1.5, "GBP", "£1.5", "1,5 фунта стерлингов", "1,5 фунт стерлинги Британия"),
        (3000000, "EUR", "€3,000,000", "3 000 000 евро", "3 000 000 евро"),
        (1500, "TJS", "1,500 somoni", "1500 сомони", "1500 сомонӣ"),
        (70000, "CHF", "CHF 70,000", "70 000 CHF", "70 000 CHF"),
    ],
)
def test_money_is_written_in_full_with_its_currency(
    amount: float, currency: str, english: str, russian: str, tajik: str
) -> None:
    written = [wording.money(amount, currency, formats) for formats in (EN, RU, TG)]
    assert written[0] == english
    assert [text.replace("\u00a0", " ") for text in written[1:]] == [russian, tajik]
    assert "\u00a0" in written[1]  # the number and its unit stay on one line


def test_lists_end_with_and() -> None:
    assert [wording.and_list(["A", "B", "C"], formats) for formats in (EN, RU, TG)] == [
        "A, B and C",
        "A, B и C",
        "A, B ва C",
    ]
    assert [wording.and_list(["A", "B"], formats) for formats in (EN, RU, TG)] == ["A and B", "A и B", "A ва B"]
    assert wording.and_list(["A"], EN) == "A"
    assert wording.and_list([], EN) == ""


def test_a_list_of_safe_html_stays_safe_and_escapes_the_rest() -> None:
    result = wording.and_list([Markup("<b>A</b>"), "<i>B</i>", Markup("C")], EN)
    assert result == Markup("<b>A</b>, &lt;i&gt;B&lt;/i&gt; and C")
    assert isinstance(result, Markup)


RUSSIAN = {"one": "программа", "few": "программы", "many": "программ", "other": "программы"}


@pytest.mark.parametrize(
    ("n", "form"),
    [
        (0, "программ"), (1, "программа"), (2, "программы"), (4, "программы"), (5, "программ"), (11, "программ"),
        (12, "программ"), (14, "программ"), (21, "программа"), (22, "программы"), (25, "программ"), (101, "программа"),
        (111, "программ"), (112, "программ"), (1.5, "программы"),
    ],
)  # fmt: skip
def test_russian_nouns_take_the_form_of_their_number(n: float, form: str) -> None:
    assert wording.plural(n, RUSSIAN, "ru") == form


def test_english_nouns_are_singular_for_one_only() -> None:
    forms = {"one": "programme", "other": "programmes"}
    assert [wording.plural(n, forms, "en") for n in (0, 1, 2, 1.0, 1.5)] == [
        "programmes", "programme", "programmes", "programmes", "programmes",
    ]  # fmt: skip


def test_tajik_nouns_stay_as_they_are() -> None:
    forms = {"one": "wrong", "other": "барнома"}
    assert {wording.plural(n, forms, "tg") for n in (0, 1, 2, 5, 11, 21)} == {"барнома"}


def test_a_form_that_was_not_written_is_replaced_by_another() -> None:
    assert wording.plural(1, {"many": "программ"}, "ru") == "программ"
    assert wording.plural(5, {"one": "only"}, "en") == "only"


def _sorted(texts: str, lang: str) -> str:
    return " ".join(sorted(texts.split(), key=lambda text: wording.sort_key(text, lang)))


def test_tajik_letters_stand_in_the_order_of_the_tajik_alphabet() -> None:
    assert len(wording.TAJIK) == len(set(wording.TAJIK)) == 35
    alphabet = " ".join(wording.TAJIK)
    assert _sorted(" ".join(sorted(wording.TAJIK)), "tg") == alphabet
    assert _sorted(" ".join(sorted(wording.TAJIK.upper())), "tg") == alphabet.upper()


def test_russian_letters_stand_in_the_order_of_the_russian_alphabet() -> None:
    alphabet = " ".join("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
    assert _sorted(" ".join(sorted(alphabet.split())), "ru") == alphabet


def test_tajik_letters_are_letters_of_their_own_and_no_accents() -> None:
    assert _sorted("ӯзбек узв ёд ез еж", "tg") == "еж ез ёд узв ӯзбек"


def test_latin_names_follow_the_cyrillic_ones_except_in_english() -> None:
    assert _sorted("UNODC Япония Агентӣ", "tg") == "Агентӣ Япония UNODC"
    assert _sorted("UNODC Япония Агентство", "ru") == "Агентство Япония UNODC"
    assert _sorted("Агентӣ Zambia UNODC", "en") == "UNODC Zambia Агентӣ"


def test_capitals_quotation_marks_and_accents_do_not_disturb_the_order() -> None:
    assert _sorted("«яшма» Эл эа", "ru") == "эа Эл «яшма»"
    assert _sorted("Zone évian Agency «bridge»", "en") == "Agency «bridge» évian Zone"


def test_words_are_sorted_before_letters_and_numbers_by_value() -> None:
    titles = ["Phase 10", "Phase 2", "Phased", "Phase"]
    assert sorted(titles, key=lambda text: wording.sort_key(text, "en")) == ["Phase", "Phase 2", "Phase 10", "Phased"]


@given(st.text(), st.sampled_from(["en", "ru", "tg"]))
def test_a_decomposed_letter_sorts_and_folds_like_the_composed_one(text: str, lang: str) -> None:
    decomposed, composed = text + "и\u0304", text + "ӣ"
    assert wording.sort_key(decomposed, lang)[0] == wording.sort_key(composed, lang)[0]
    assert wording.fold(decomposed) == wording.fold(composed)


@pytest.mark.parametrize(
    ("typed", "written"), [("хамкори", "Ҳамкорӣ"), ("чумхури", "Ҷумҳурӣ"), ("кушун", "Қӯшун"), ("гафс", "ҒАФС"), ("елка", "Ёлка"),
                           ("чумае", "Ҷумъаё")],
)  # fmt: skip
def test_a_search_without_tajik_keys_finds_tajik_words(typed: str, written: str) -> None:
    assert wording.fold(typed) == wording.fold(written)


@given(st.text(wording.LETTERS + wording.LETTERS.upper() + "ўabc -1"))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = wording.fold(text)
    assert wording.fold(once) == once


@pytest.mark.parametrize("word", ["Љумњурии", "Рўз", "Тољикистон", "ЉУМЊУРИИ", "ќонун", "ѓалла", "тољикї"])
def test_letters_of_old_fonts_are_found_in_tajik(word: str) -> None:
    assert wording.look_alikes(f"Дар {word} аст", "tg") == [(word, 4)]


@pytest.mark.parametrize("lang", ["en", "ru", "tg"])
def test_words_of_two_scripts_are_found_in_every_language(lang: str) -> None:
    assert wording.look_alikes("Tаjikistan and Тoҷикистон", lang) == [("Tаjikistan", 0), ("Тoҷикистон", 15)]


@pytest.mark.parametrize(
    "text", ["Ҷумҳурии Тоҷикистон ва UNODC, TAJ/E24, COVID-19", "УНП ООН и UNODC", "MP3-плеер", "сағир ӯ ӣ қ ҳ ҷ", ""]
)
def test_honest_words_are_left_alone(text: str) -> None:
    assert wording.look_alikes(text, "tg") == []
    assert wording.look_alikes(text, "ru") == []


def test_letters_of_other_languages_may_stand_outside_tajik() -> None:
    assert wording.look_alikes("Ўзбекистон, Њујорк", "ru") == []


@pytest.mark.parametrize("lang", FORMATS)
def test_the_formats_of_every_language_are_complete(lang: str) -> None:
    assert wording.format_problems(FORMATS[lang]) == []


def test_a_fault_in_the_formats_is_named() -> None:
    formats = {**EN, "group-from": "four", "percent": "%", "currencies": {"USD": "dollars", "JPY": {"one": "yen"}}}
    del formats["decimal"]
    assert wording.format_problems(formats) == [
        "'decimal' is missing, or not a text",
        "'group-from' needs a number of digits, such as 4",
        "'percent' lacks {number}",
        "'USD' lacks {number}",
        "'JPY one' lacks {number}",
    ]
