"""The generator: content in Markdown and YAML becomes a site of plain files.

The ladder: each module imports only modules above it.

    model      what flows through the build: Problem, Record, Node, Source, Output; frozen, none filled in later
    cache      what need not be done again, and the proof of it
    dates      a date of known precision, a period, and how each language writes them
    wording    numbers, money, lists, plurals, sorting and folding, in each language
    listing    what stands in which list, and over how many pages a long one is spread
    site       a checked site, and the questions that templates may ask of it, each answer known by a digest
    kinds      the kinds of page this site has, each field declared once with help and example
    load       files to sources: text and YAML, with the line and column of each value
    guard      what may stand in static/ and templates/, and drawings that cannot act
    scanner    a text for its sections, links and citations, and for what should be written otherwise
    marks      what stands in a converted text until its page is made
    markup     Markdown to safe HTML, links and citations marked
    parity     whether a translation says what the original says
    fields     one file against its kind: plain data, or problems in the words of an editor
    metadata   metadata against its kind: data, references, citations and words, or problems
    examine    one file on its own: everything that can be known of it without the others
    check      what was examined, to a Site, or every problem found
    handbook   the kinds in words for people: handbook page, skeletons, JSON Schemas
    draw       figures, periods and places to positions on a drawing
    templates  how templates become text, and what code knows of a format
    render     a Site to outputs; a template's folder says how often it is rendered
    verify     follows every link and anchor of the finished site
    write      puts the new site in the place of the old one, whole or not at all
    compress   a published site once more, with compressed copies
    pool       does work in child processes, each item under a limit of time and memory
    report     problems as text with a code frame, JSON, code-host annotations
    reading    the files of content, each on its own: known from before, or read and examined now
    pipeline   from content to published site, as a sentence
    reproduce  the same sources make the same bytes: two builds compared, or one with what is published
    links      whether the addresses of other sites still answer; never part of a build
    translate  how far the translations are, and the pins that tell
    begin      begins a new file: a page of a kind, the translation of a page, an entry of a shared file
    compare    what a change does to the site, for the reviewer of a pull request
    live       the site in memory, for the preview: each output is rendered when it is asked for
    watch      says when a file of the site changes
    serve      the live preview
    command    the command line

Two moments, two types: what was read is a Source, what was checked is a Site. Facts are written once, in the original;
translations hold words. The cache keeps what a file is on its own by its bytes, and an output by the digests of the
answers to the questions that its templates asked; deleting it changes nothing.
"""
