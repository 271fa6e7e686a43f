"""The real server and a real browser under the policy: everything works, and nothing else is let in."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Page, expect

from pages.shared.assets import PLOTLY_ADDRESS
from tests.browser.beta_page import wait_for_charts, wait_until_idle
from tests.browser.conftest import LAPTOP, PATIENCE_MILLISECONDS, ROOT, running_app

pytestmark = pytest.mark.browser

NAVIGATION = (ROOT / "pages" / "navigation.py").read_text(encoding="utf-8")
PAGES = re.findall(r'st\.Page\("(\w+)\.py"', NAVIGATION)
LINK = "?source=simulated&asset=SOL-SIM&benchmark=BTC-SIM"
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
# On a page with a name of its own Streamlit looks for its server below that name first.
LOOKED_FOR = re.compile(r"/_stcore/(health|host-config)$")
MEBIBYTE = 2**20


@contextmanager
def watched(browser: Browser, url: str) -> Iterator[Page]:
    """A page under which no policy may be violated and no error be logged."""
    context = browser.new_context(viewport=LAPTOP, accept_downloads=True)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not LOOKED_FOR.search(message.location.get("url", "")):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    yield page
    violations = page.evaluate("window.violations")
    context.close()
    assert not violations
    assert not complaints


@pytest.mark.parametrize("name", PAGES)
def test_every_page_works_under_the_policy(chromium: Browser, app_url: str, name: str) -> None:
    address = "" if re.search(rf'"{name}\.py"[^\n]*default=True', NAVIGATION) else name
    with watched(chromium, f"{app_url}/{address}{LINK}") as page:
        expect(page.get_by_test_id("stMain").locator("p, .figure, .live-chart").first).to_be_visible()
        wait_until_idle(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        if page.locator(".live-chart").count():
            expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()


def test_dragging_pictures_and_files_work_under_the_policy(chromium: Browser, app_url: str) -> None:
    with watched(chromium, f"{app_url}/{LINK}") as page:
        wait_for_charts(page)
        track = page.locator(".scrubber-range").bounding_box()
        assert track is not None
        page.mouse.move(track["x"] + 0.3 * track["width"], track["y"] + track["height"] / 2)
        page.mouse.down()
        for step in range(10):
            page.mouse.move(
                track["x"] + (0.3 + 0.03 * step) * track["width"], track["y"] + track["height"] / 2
            )
        page.mouse.up()
        wait_until_idle(page)
        page.locator(".js-plotly-plot").first.hover()
        with page.expect_download() as picture:
            page.locator("[data-title*='ownload']").first.click()
        assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")
        assert picture.value.suggested_filename == "SOL-SIM_regression.png"
        page.get_by_text("Downloads: CSV").click()
        with page.expect_download() as table:
            page.get_by_test_id("stDownloadButton").get_by_role("button", name="Returns").click()
        assert b"asset_price_usd" in Path(table.value.path()).read_bytes()


def choose_file(page: Page, file: FilePayload) -> None:
    page.get_by_role("button", name="Settings").click()
    page.get_by_test_id("stFileUploader").locator("input[type=file]").first.set_input_files(file)
    wait_until_idle(page)


def answered(url: str, path: str, host: str, **headers: str) -> int:
    """Status of one request under a name of our choice."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in {"Host": host, **headers}.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.fault(
    "Server: a web page elsewhere turns its name to this machine (DNS rebinding)",
    saw="nothing; that page gets status 400, Invalid host header",
    lost="nothing",
)
def test_a_foreign_name_gets_nothing_from_the_real_server(app_url: str) -> None:
    own = urlsplit(app_url).netloc
    websocket = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    assert answered(app_url, "/_stcore/stream", own, **websocket) == 101
    assert answered(app_url, "/_stcore/stream", "evil.example", **websocket) == 400
    assert answered(app_url, "/_stcore/stream", own, Origin="http://evil.example", **websocket) == 403
    for path in ("/", "/hedge", "/chart/token", "/film/token", f"/{PLOTLY_ADDRESS}", "/_stcore/health"):
        assert answered(app_url, path, "evil.example") == 400
        assert answered(app_url, path, own) in (200, 404)
    assert answered(app_url, "/healthz", "10.0.0.1") == answered(app_url, "/readyz", "10.0.0.1") == 200
    for path in ("/chart/..%2f..%2fapp.py", "/chart/a%0d%0aX-Evil:1", "/film/" + "a" * 5_000):
        assert answered(app_url, path, own) in (400, 404)


@pytest.mark.fault(
    "Upload: 1 GB, sent past the page",
    saw="status 413 before the first byte, or after 65 MB where the length was kept back",
    lost="nothing",
)
def test_an_upload_is_cut_off_at_its_limit_by_the_server_too(chromium: Browser, app_url: str) -> None:
    with watched(chromium, f"{app_url}/?source=upload") as page:
        prices = b"date,close\n2024-01-01,1\n2024-01-02,2\n"
        with page.expect_request(lambda request: request.method == "PUT") as upload:
            choose_file(page, {"name": "A.csv", "mimeType": "text/csv", "buffer": prices})
        headers = {
            name: value
            for name, value in upload.value.all_headers().items()
            if name in ("x-xsrftoken", "cookie", "content-type")
        }
        path = urlsplit(upload.value.url).path
        assert status_of_upload(app_url, path, headers, declared=1024 * MEBIBYTE) == 413
        assert status_of_upload(app_url, path, headers, sent=66 * MEBIBYTE) == 413
        no_token = {name: value for name, value in headers.items() if name != "x-xsrftoken"}
        assert status_of_upload(app_url, path, no_token, declared=10) == 403


def status_of_upload(
    url: str, path: str, headers: dict[str, str], *, declared: int | None = None, sent: int = 0
) -> int:
    """Declare an upload of so many bytes; or, without saying how many, send it in pieces."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.putrequest("PUT", path)
    for name, value in headers.items():
        connection.putheader(name, value)
    length = ("Content-Length", str(declared)) if declared else ("Transfer-Encoding", "chunked")
    connection.putheader(*length)
    connection.endheaders()
    boundary = headers["content-type"].split("boundary=")[1].encode()
    beginning = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' % boundary
    pieces = [beginning, *[b"x" * MEBIBYTE] * (sent // MEBIBYTE), b""] if sent else []
    with suppress(BrokenPipeError, ConnectionResetError):  # the server has had enough; its answer is there
        for piece in pieces:
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
    status = connection.getresponse().status
    connection.close()
    return status


def test_what_a_user_typed_uploaded_or_keeps_does_not_reach_the_log(
    chromium: Browser, tmp_path: Path
) -> None:
    folder = tmp_path / "SECRETFOLDER"
    folder.mkdir()
    (folder / "SECRETNAME.csv").write_text("date,close\n2024-01-01,SECRETCELL\n")
    log: list[str] = []
    links = (
        "?source=simulated&asset=SECRETASSET&benchmark=BTC-SIM&lookback=SECRETNUMBER&book=SECRETBOOK:1",
        "?source=folder&asset=SECRETNAME&benchmark=SECRETOTHER&position=271828",
        "?source=upload&asset=%3Cscript%3ESECRETTAG&covariance=%00SECRETNUL&position=1e999",
    )
    with running_app(folder=folder, log=log) as url:
        context = chromium.new_context(viewport=LAPTOP)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        for path in ("/", "/portfolio", "/hedge"):
            for link in links:
                page.goto(url + path + link)
                expect(page.get_by_test_id("stMain").locator("p, .figure").first).to_be_visible()
                wait_until_idle(page)
        page.goto(f"{url}/?source=upload")
        content = b"SECRETHEAD,close\nSECRETROW,1\n"
        choose_file(page, {"name": "SECRETFILE.csv", "mimeType": "text/csv", "buffer": content})
        wait_until_idle(page)
        context.close()
    (written,) = log
    assert "URL: http://127.0.0.1" in written
    assert "SECRET" not in written
    assert "271828" not in written
    assert str(tmp_path) not in written
