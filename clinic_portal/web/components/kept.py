"""What is saved as it goes: values that leave the page by themselves, and stay in it until the server has them.

Reflex queues what happens while the connection is known to be down, and sends it afterwards. But what is sent while it
has broken and nobody knows yet is lost: so a value is sent again until the server has named its mark.
"""

from __future__ import annotations

from reflex.utils.imports import ImportVar

HOOKS = {"react": [ImportVar(tag=one) for one in ("useEffect", "useRef", "useState")]}

KEPT = """
const keptStore = () => (window.keptValues ??= { waiting: new Map(), hasSaved: false, number: 0 });
const tellKept = () => window.dispatchEvent(new Event("kept"));
function useKept({ first, pause, saved, isLost, onSave }) {
  const it = useRef(null);
  it.current ??= { key: {}, now: first, sent: first, mark: "", timer: 0, again: 0 };
  const told = useRef(null);
  told.current = { saved, isLost, onSave };
  const [act] = useState(() => {
    const own = it.current;
    const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
    const settle = (isSaved) => {
      clearTimeout(own.again);
      own.again = 0;
      if (own.timer) return;
      keptStore().waiting.delete(own.key);
      if (isSaved) keptStore().hasSaved = true;
      tellKept();
    };
    const send = () => told.current.onSave?.(own.sent, own.mark);
    const repeat = (pause) => {
      clearTimeout(own.again);
      own.again = setTimeout(() => {
        if (!told.current.isLost) send();
        repeat(Math.min(pause * 2, 30000));
      }, pause);
    };
    const back = () => {
      if (own.again) repeat(1000);
      if (own.isQueued) { own.isQueued = false; settle(true); }
    };
    const flush = () => {
      clearTimeout(own.timer);
      own.timer = 0;
      if (same(own.now, own.sent)) { if (!own.again && !own.isQueued) settle(false); return; }
      own.sent = own.now;
      own.mark = Date.now().toString(36) + "-" + ++keptStore().number;
      send();
      if (typeof told.current.saved === "string") repeat(4000);
      else if (told.current.isLost) own.isQueued = true;
      else settle(true);
    };
    const change = (value) => {
      own.now = value;
      clearTimeout(own.timer);
      own.timer = setTimeout(flush, pause);
      if (!keptStore().waiting.has(own.key)) keptStore().waiting.set(own.key, performance.now());
      tellKept();
    };
    const take = (value) => { own.now = own.sent = value; };
    const isBusy = () => Boolean(own.timer || own.again);
    return { change, flush, settle, take, back, isBusy };
  });
  useEffect(() => { if (saved && saved === it.current.mark) act.settle(true); }, [saved]);
  useEffect(() => { if (!isLost) act.back(); }, [isLost]);
  useEffect(() => {
    const hidden = () => { if (document.visibilityState === "hidden") act.flush(); };
    // Captured: Reflex ends the connection in listeners of its own, which must come after these.
    const leaving = ["pagehide", "beforeunload"];
    leaving.forEach((one) => window.addEventListener(one, act.flush, true));
    document.addEventListener("visibilitychange", hidden);
    return () => {
      act.flush();
      act.settle(false);
      leaving.forEach((one) => window.removeEventListener(one, act.flush, true));
      document.removeEventListener("visibilitychange", hidden);
    };
  }, []);
  return act;
}
"""
"""A hook: `change(value)` sends it after a pause, `flush()` at once; never twice for the same value, unless it is lost."""
