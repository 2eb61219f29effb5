"""Numbers, money, lists, plurals, sorting and folding as readers of each language see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Workshop, correct
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
NOUNS = yaml.load((Path(__file__).parent / "forms.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)["nouns"]


def as_number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


@pytest.mark.parametrize(("lang", "value", "form"), correct("numbers"))
def test_numbers_are_grouped_as_acts_and_the_press_group_them(lang: str, value: str, form: str) -> None:
    assert wording.number(as_number(value), FORMATS[lang]) == form


def test_a_very_small_number_is_written_in_full() -> None:
    assert [wording.number(0.00001, formats) for formats in (EN, RU, TG)] == ["0.00001", "0,00001", "0,00001"]


@given(st.integers(-(10**15), 10**15))
def test_no_digit_of_a_number_is_lost(value: int) -> None:
    for formats in FORMATS.values():
        written = wording.number(value, formats)
        assert int(written.replace("−", "-").replace(",", "").replace("\u00a0", "")) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e17])
def test_what_is_no_number_of_a_fact_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        wording.number(value, EN)


@pytest.mark.parametrize(("lang", "value", "form"), correct("money"))
def test_money_is_written_as_banks_acts_and_the_press_write_it(lang: str, value: str, form: str) -> None:
    amount, currency = value.split()
    assert wording.money(as_number(amount), currency, FORMATS[lang]) == form


@pytest.mark.parametrize(("lang", "value", "form"), correct("lists"))
def test_lists_end_with_and_without_a_comma_before_it(lang: str, value: str, form: str) -> None:
    assert wording.and_list(value.split("/"), FORMATS[lang]) == form


def test_an_empty_list_is_nothing() -> None:
    assert wording.and_list([], EN) == ""


def test_a_list_of_safe_html_stays_safe_and_escapes_the_rest() -> None:
    result = wording.and_list([Markup("<b>A</b>"), "<i>B</i>", Markup("C")], EN)
    assert result == Markup("<b>A</b>, &lt;i&gt;B&lt;/i&gt; and C")
    assert isinstance(result, Markup)


@pytest.mark.parametrize(("lang", "value", "form"), correct("plurals"))
def test_nouns_take_the_form_of_their_number(lang: str, value: str, form: str) -> None:
    n, noun = value.split()
    assert wording.plural(as_number(n), NOUNS[noun], lang) == form


def test_tajik_needs_no_form_but_one() -> None:
    assert {wording.plural(n, {"one": "wrong", "other": "барнома"}, "tg") for n in (0, 1, 2, 5)} == {"барнома"}


@pytest.mark.parametrize(
    ("lang", "needed"), [("en", {"one", "other"}), ("ru", {"one", "few", "many", "other"}), ("tg", {"other"})]
)
def test_counted_words_of_the_interface_have_every_form_of_their_language(lang: str, needed: set[str]) -> None:
    words = yaml.load((CONTENT / lang / "interface.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    counted = {key: set(forms) for key, forms in words.items() if isinstance(forms, dict)}
    assert len(counted) > 20
    assert {key: forms for key, forms in counted.items() if forms != needed} == {}


def test_a_form_that_was_not_written_is_replaced_by_another() -> None:
    assert wording.plural(1, {"many": "программ"}, "ru") == "программ"
    assert wording.plural(5, {"one": "only"}, "en") == "only"


def _sorted(texts: str, lang: str) -> str:
    return " ".join(sorted(texts.split(), key=lambda text: wording.sort_key(text, lang)))


TAJIK = "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя"


def test_tajik_letters_stand_in_the_order_of_the_tajik_alphabet() -> None:
    assert len(TAJIK) == len(set(TAJIK)) == 35
    alphabet = " ".join(TAJIK)
    assert _sorted(" ".join(sorted(TAJIK)), "tg") == alphabet
    assert _sorted(" ".join(sorted(TAJIK.upper())), "tg") == alphabet.upper()


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
    formats = {
        **EN,
        "group-from": "four",
        "money": "{currency}",
        "currencies": {"USD": "dollars", "JPY": {"one": "yen"}},
    }
    del formats["decimal"]
    assert wording.format_problems(formats) == [
        "'decimal' is missing, or not a text",
        "'group-from' needs a number of digits, such as 4",
        "'money' lacks {number}",
        "'USD' lacks {number}",
        "'JPY one' lacks {number}",
    ]


def test_the_unit_of_a_figure_agrees_with_its_number(workshop: Workshop) -> None:
    workshop.change("content/figures/bridges.yaml", 'value: "6"', 'value: "21"')
    found = workshop.build()
    for lang, unit in (("en", "bridges"), ("ru", "мост"), ("tg", "пул")):
        assert f'21 <span class="unit">{unit}</span>' in found[f"{lang}/index.html"]
