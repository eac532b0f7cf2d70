"""report.html in a browser: what a reader clicks and types. Needs playwright and a Chromium; not part of ./test.

    pip install playwright && apt-get install chromium
    python3 tests/browser/report.py results/quickstart/report.html [screenshot.png]
"""

import pathlib
import sys

from playwright.sync_api import sync_playwright

page_file = pathlib.Path(sys.argv[1]).resolve()
screenshot = sys.argv[2] if len(sys.argv) > 2 else None


def cells(table, column):
    return [row.locator("td").nth(column).inner_text() for row in table.locator("tbody tr:visible").all()]


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: problems.append(request.url) if request.url != page_file.as_uri() else None)
    page.goto(page_file.as_uri())

    names = [name.inner_text() for name in page.locator("h2#summary ~ h3").all()]
    at = page.locator("table.sortable").count() - len(names) + names.index("spectrum")
    table = page.locator("table.sortable").nth(at)
    headings = table.locator("thead th")
    column = next(i for i in range(headings.count()) if "sigma_max" in headings.nth(i).inner_text())
    rows = table.locator("tbody tr").count()
    headings.nth(column).locator("button").click()
    values = [float(value) for value in cells(table, column) if value]
    assert len(values) > 1 and values == sorted(values), values
    assert headings.nth(column).get_attribute("aria-sort") == "ascending"
    headings.nth(column).locator("button").click()
    values = [float(value) for value in cells(table, column) if value]
    assert values == sorted(values, reverse=True), values
    assert headings.nth(column).get_attribute("aria-sort") == "descending"

    filter_ = page.locator(".tools input").nth(at)
    n = cells(table, 0)[0]
    filter_.fill(f"n={n}")
    shown = cells(table, 0)
    assert shown and set(shown) == {n}, shown
    assert page.locator(".tools output").nth(at).inner_text() == f"{len(shown)} of {rows} rows"
    filter_.fill("no such text")
    assert cells(table, 0) == []
    filter_.fill("")
    assert len(cells(table, 0)) == rows
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "the page itself must not scroll sideways"
    if screenshot:
        page.screenshot(path=screenshot, full_page=True)

    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(page_file.as_uri())
    assert plain.locator("table.sortable").nth(at).locator("tbody tr").count() == rows
    assert plain.locator(".tools").count() == 0, "no dead controls without JavaScript"
    assert problems == [], problems
    browser.close()
print(f"{page_file.name}: sorted, filtered, readable without JavaScript, nothing else was asked for")
