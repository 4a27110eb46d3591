import sys; sys.path.insert(0,'/work/main')
import pathlib, tempfile, httpx, time
import pytest
from tests.web.test_docs_page import *
def test_dbg(chromium, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("scratch")) as scratch:
        secret = scratch.key("everything", "admin")
        with browsing(chromium, scratch.address, tmp_path_factory.mktemp("s")) as b:
            b.size(1280)
            b.until(lambda: httpx.get(f"{scratch.address}/v1/audit", headers={"X-API-Key": secret}).status_code == 200)
            b.go("/docs"); b.wait(".auth-wrapper .btn.authorize"); sign_in(b, secret)
            for tag,name in OPERATIONS:
                op=f"[id='operations-{tag}-{name}']"
                try:
                    b.click(f"{op} .opblock-summary-control"); b.click(f"{op} .try-out__btn"); b.click(f"{op} .execute")
                    t=time.time(); st=None
                    while time.time()-t<3 and st is None:
                        try: st=b.find(f"{op} .live-responses-table tr.response .response-col_status").text.split()[0]
                        except Exception: time.sleep(.2)
                    out=(st, "" if st and int(st)<400 else b.find(f"{op} .execute-wrapper, {op} .btn-group").text[:50], [ (e.tag_name, e.get_attribute('placeholder'), e.get_attribute('value')) for e in b.all(f"{op} .parameters input, {op} .parameters select")][:8], [e.text[:300] for e in b.all(f"{op} .errors-wrapper, {op} .validation-errors")])
                    if st and int(st)>=400 and st not in ("404","412"): out=out+(b.find(f"{op} .live-responses-table").text[:700],)
                    print(name,out if not(st and int(st)<400) else st,flush=True)
                    b.click(f"{op} .opblock-summary-control")
                except Exception as e:
                    print(name,'EXC',type(e).__name__,str(e)[:150],flush=True)
