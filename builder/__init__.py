"""The generator: content in Markdown and YAML becomes a site of plain files.

The ladder: each module imports only modules above it.

    model    what flows through the build: Problem, Source, Page, Output; frozen, none filled in later
    dates    a date of known precision, a period, and how each language writes them
    wording  numbers, money, lists, plurals, sorting and folding, in each language
    kinds    the kinds of page this site has, each field declared once with help and example
    load     files to sources: text and YAML with the line and column of each value
    markup   Markdown to safe HTML, links followed, citations marked
    check    sources to a Site, or every problem found
    site     the questions that templates may ask, each answer known by a digest
    draw     figures, periods and places to positions on a drawing
    render   a Site to outputs; a template's folder says how often it is rendered
    verify   follows every link and anchor of the finished site
    cache    what need not be done again, and the proof of it
    write    puts the new site in the place of the old one, whole or not at all
    report   problems as text with a code frame, JSON, code-host annotations
    serve    the live preview
"""
