"""PerpDesk-Lite.xlsx: its part is as the add-in writes one, its code runs in a browser's Python, jobs keep it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from tests.calc_office import Office
from tests.command_line import perpdesk
from tests.render import recalculated
from tests.source_tree import ROOT, imports_of, parsed
from xladdin.books.file_book import FileBook
from xladdin.desk import jobs
from xladdin.hosts.lite.bundle import LEFT_OUT, modules
from xladdin.hosts.lite.code import THREE_LINES, main_text, requirements_text
from xladdin.hosts.lite.part import EXTENSION, files_in
from xladdin.hosts.lite.workbook import LITE_FILE, follows, lite_parts, spelled

COMMITTED = ROOT / "workbooks" / LITE_FILE
DESK = COMMITTED.with_name("PerpDesk.xlsx")

PACKED = re.compile(r'PERPDESK = """[^"]*"""')


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def built() -> dict[str, bytes]:
    return lite_parts(parts(DESK))


@pytest.fixture(scope="module")
def main(built: dict[str, bytes]) -> str:
    files = files_in(etree.fromstring(built[EXTENSION], etree.XMLParser(huge_tree=True)))
    assert files is not None
    return files["main.py"]


def test_the_committed_workbook_is_what_the_code_builds_around_its_modules(built: dict[str, bytes]) -> None:
    """Modules change with every day's work: the workbook carries those of its last build, which the doctor names."""
    committed = parts(COMMITTED)
    assert list(committed) == list(built)
    for name, data in built.items():
        if name != EXTENSION:
            assert committed[name] == data, f"{name} differs; run `perpdesk build --lite`"
    old, new = (PACKED.sub("", each[EXTENSION].decode().replace("&quot;", '"')) for each in (committed, built))
    old, new = (re.sub(r"PERPDESK = [^ ]*?place = ", "", text) for text in (old, new))
    assert old == new, "run `perpdesk build --lite`"


def test_a_build_leaves_it_alone_where_nothing_but_modules_changed(tmp_path: Path) -> None:
    own = Path(shutil.copy(COMMITTED, tmp_path / LITE_FILE))
    assert follows(own, DESK)
    changed = parts(own)
    changed["xl/worksheets/sheet2.xml"] += b" "
    with zipfile.ZipFile(own, "w") as archive:
        for name, data in changed.items():
            archive.writestr(name, data)
    assert not follows(own, DESK)
    assert not follows(tmp_path / "none.xlsx", DESK)


def test_it_is_small_enough_to_be_opened_from_the_internet() -> None:
    assert COMMITTED.stat().st_size <= 900_000


def test_two_builds_write_the_same_bytes(tmp_path: Path) -> None:
    shutil.copy(DESK, tmp_path / "PerpDesk.xlsx")
    written = []
    for _ in range(2):
        run = perpdesk("build", str(tmp_path / "PerpDesk.xlsx"), "--lite")
        assert run.exit_code == 0, run.stderr
        written.append((tmp_path / LITE_FILE).read_bytes())
    assert written[0] == written[1]


def test_the_part_is_related_and_typed_as_the_add_in_does_it(built: dict[str, bytes]) -> None:
    types = {
        each.get("PartName"): each.get("ContentType") for each in etree.fromstring(built["[Content_Types].xml"]).iter()
    }
    assert types["/xl/webextensions/taskpanes.xml"] == "application/vnd.ms-office.webextensiontaskpanes+xml"
    assert types["/xl/webextensions/webextension1.xml"] == "application/vnd.ms-office.webextension+xml"
    package = etree.fromstring(built["_rels/.rels"])
    assert "xl/webextensions/taskpanes.xml" in {each.get("Target") for each in package}
    assert len({each.get("Id") for each in package}) == len(package)
    [pane] = etree.fromstring(built["xl/webextensions/_rels/taskpanes.xml.rels"])
    assert pane.get("Target") == "webextension1.xml"
    extension = etree.fromstring(built[EXTENSION], etree.XMLParser(huge_tree=True))
    assert [etree.QName(each).localname for each in extension] == [
        *("reference", "alternateReferences", "properties", "bindings", "snapshot")
    ]
    files = files_in(extension)
    assert files is not None
    assert list(files) == ["main.py", "requirements.txt", "pyodideVersion", "addinVersion"]


def test_formulas_are_in_the_spelling_of_the_door_and_say_so_again_when_spelled_back(built: dict[str, bytes]) -> None:
    monitor = next(data for name, data in built.items() if b"PERP_BETA(" in data and name.startswith("xl/worksheets"))
    assert len(re.findall(rb"PERP_[A-Z_]+\(", monitor)) == len(re.findall(rb"_xldudf_PERP_[A-Z_]+\(", monitor)) > 20
    plain = spelled(monitor, "plain")
    assert b"_xldudf_" not in plain
    assert spelled(plain, "functions") == monitor
    text = b"<c><is><t>PERP_BETA(A1)</t></is></c><c><f>MY_PERP_BETA(1)+PERP_VOL(A1)</f></c>"
    assert spelled(text, "functions") == text.replace(b"+PERP", b"+_xldudf_PERP")


def test_people_read_on_its_first_sheet_how_to_begin() -> None:
    about = openpyxl.load_workbook(COMMITTED, read_only=True)["About"]
    said = [str(cell) for row in about.iter_rows(values_only=True) for cell in row if cell is not None]
    for line in ("In xlwings Lite", *THREE_LINES):
        assert line in said


@pytest.mark.calc
def test_libreoffice_opens_it_and_has_all_of_its_sheets(plain_office: Office, tmp_path: Path) -> None:
    sheets = openpyxl.load_workbook(recalculated(plain_office, COMMITTED, tmp_path), read_only=True).sheetnames
    assert sheets == openpyxl.load_workbook(COMMITTED, read_only=True).sheetnames


def test_a_job_on_the_file_keeps_the_part_byte_for_byte(tmp_path: Path) -> None:
    own = Path(shutil.copy(COMMITTED, tmp_path / "own.xlsx"))
    with FileBook.open(own) as book:
        jobs.check(book)
        book.write_value("Equity", 123_456.0)
        book.commit()
    before, after = parts(COMMITTED), parts(own)
    for name in before:
        if "webextension" in name or name in ("_rels/.rels", "[Content_Types].xml"):
            assert after[name] == before[name]


IN_A_BROWSER = """
import tests.block_native
import sys
sys.modules["lxml"] = sys.modules["openpyxl"] = sys.modules["pyarrow"] = sys.modules["rich"] = None
sys.path[:] = [each for each in sys.path if each not in ("", {root!r})]
for name in [name for name in sys.modules if name.split(".")[0] in ("core", "xladdin")]:
    del sys.modules[name]
"""


def test_its_code_runs_from_within_without_what_a_browser_has_not(main: str, tmp_path: Path) -> None:
    """main.py is run as the add-in does; then every module that travels is imported from the zip that it wrote."""
    (tmp_path / "main.py").write_text(main)
    every = [name.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for name in modules()]
    script = IN_A_BROWSER.format(root=str(ROOT)) + (
        "import tests.lite_host as host\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "import main, importlib\n"
        f"for name in {every!r}:\n    importlib.import_module(name)\n"
        "import core\n"
        "assert '.zip' in core.__file__, core.__file__\n"
        "print(len(host.described(main)['functions']), host.called(main, 'PERP_VOL', [[0.01], [0.02], [-0.01]]))\n"
        "print(host.called(main, 'PERP_OPTIMIZE', [[0.1, 0.2]], [[0.04, 0.01], [0.01, 0.09]]))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert run.returncode == 0, run.stderr
    functions, volatility = run.stdout.splitlines()[0].split(" ", 1)
    assert int(functions) > 40
    assert re.fullmatch(r"\[\[0\.\d+\]\]", volatility)


def test_every_line_of_a_module_that_travels_keeps_its_number() -> None:
    for name, source in modules().items():
        original = (ROOT / name).read_text(encoding="utf-8").split("\n")
        for line, (lean, full) in enumerate(zip(source.split("\n"), original, strict=True), 1):
            assert full.startswith(lean.removesuffix('""').rstrip()), f"{name}:{line}"


def test_what_is_left_out_is_asked_for_by_nobody_who_travels_but_where_its_door_is_used() -> None:
    """A module that is imported as another loads must travel too."""
    travelling = modules()
    for name in travelling:
        path = ROOT / name
        for each in imports_of(parsed(path), path.parent.relative_to(ROOT).parts):
            target = "/".join(each.target)
            if not each.deferred:
                assert not target.startswith(tuple(left.removesuffix(".py") for left in LEFT_OUT)), (name, target)


def test_a_wheel_a_zip_and_functions_written_out_are_ways_round() -> None:
    assert requirements_text("perpdesk==0.1.0").splitlines()[-1] == "perpdesk==0.1.0"
    stored = main_text("store")
    assert "/data/PerpDesk-Lite.zip" in stored
    assert "PERPDESK =" not in stored
    wheel = main_text("https://example.org/perpdesk-0.1.0-py3-none-any.whl", "stubs")
    compile(wheel, "main.py", "exec")


def test_functions_that_are_written_out_answer_as_those_that_are_put_there() -> None:
    from types import ModuleType

    from tests.lite_host import called, described, main_module

    written, put = ModuleType("main"), main_module()
    exec(compile(main_text("perpdesk==0.1.0", "stubs"), "main.py", "exec"), written.__dict__)
    assert described(written) == described(put)
    error = {"type": "Error", "basicValue": "#N/A", "errorType": "NotAvailable"}
    for args in (([[0.01], [0.02]],), ([[0.01], [0.02], [0.0]], [[0.02], [0.01], [0.01]]), ([[1.0]], [[1.0]], error)):
        assert called(written, "PERP_BETA", *args) == called(put, "PERP_BETA", *args)
