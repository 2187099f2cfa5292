"""Photos and files for an answer: chosen or taken, sent at once, shown small, taken away again."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar

from clinic_portal.forms.answers import FILES_MOST
from clinic_portal.forms.uploads import LONGEST_SIDE, MOST_BYTES
from clinic_portal.web.problems import Problem


class FilePicker(rx.Component):
    """Sends files to the item `link` of the document `document`. `kind`: photo, or file (a PDF will do as well).

    The ids lie as a JSON list in a hidden input, the part `answer` (see `sheet`): an `input` event tells that they
    changed here, a `written` one that they changed elsewhere. Under /admin it is the desk's: there nothing is fetched
    that the staff's log would have to tell of, and only what is added now is shown small.
    """

    tag = "FilePicker"
    link: rx.Var[str]
    document: rx.Var[int]
    kind: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag=one) for one in ("useEffect", "useRef", "useState")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        big = Problem.of("file_big", limit=MOST_BYTES // 1024**2).sentence
        words = rx.Var.create({"big": big, "out": Problem.of("signed_out").sentence, "lost": _LOST})
        return [
            f"const FILES = {{ most: {FILES_MOST}, bytes: {MOST_BYTES}, side: {LONGEST_SIDE}, words: {words!s} }};",
            _CODE,
        ]


_LOST = "It could not be sent: there is no connection. It is kept here; please try again."
_CODE = """
// (No default value: drawing a hidden input anew would put it back.)
const fileIds = (field) => { try { return JSON.parse(field?.value || "[]") ?? []; } catch { return []; } };
const drawnFrom = async (file, side) => {
  const image = await createImageBitmap(file), scale = Math.min(1, side / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return canvas;
};
// A photo of 12 MB takes a minute on a slow line, and the clinic keeps no more of it than this.
const lighter = async (file) => {
  if (file.type !== "image/jpeg" || file.size < 1500000) return file;
  try {
    const canvas = await drawnFrom(file, FILES.side);
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
    return made && made.size < file.size ? made : file;
  } catch { return file; }
};
const previewOf = async (file) => {
  try { return (await drawnFrom(file, 160)).toDataURL("image/jpeg", 0.8); } catch { return ""; }
};
const sendFile = (to, fields, file, onProgress, hold) => new Promise((done) => {
  const body = new FormData(), call = new XMLHttpRequest();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append("file", file, "file");
  call.open("POST", to);
  call.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
  call.onload = () => {
    try { done({ ok: call.status === 200, told: JSON.parse(call.responseText) }); } catch {
      const words = call.status === 413 ? FILES.words.big
        : call.responseURL.includes("sign-in") ? FILES.words.out : FILES.words.lost;
      done({ ok: false, told: { error: words } });
    }
  };
  call.onerror = () => done({ ok: false, told: { error: FILES.words.lost }, isLost: true });
  call.onabort = () => done(null);
  hold(call);
  call.send(body);
});
function FilePicker({ link, document: form, kind }) {
  const field = useRef(null), box = useRef(null), calls = useRef({}), alive = useRef(true), queue = useRef(Promise.resolve()), wanted = useRef(null);
  const [ids, setIds] = useState([]), [going, setGoing] = useState([]), [error, setError] = useState(""), [said, setSaid] = useState("");
  const [previews, setPreviews] = useState({}), [odd, setOdd] = useState({});
  const isDesk = window.location.pathname.startsWith("/admin"), base = isDesk ? "/admin" : "/portal";
  const noun = kind === "photo" ? "photo" : "file", Noun = kind === "photo" ? "Photo" : "File";
  const show = () => setIds(fileIds(field.current));
  const keep = (made) => {
    field.current.value = JSON.stringify(made);
    show();
    field.current.dispatchEvent(new Event("input", { bubbles: true }));
  };
  useEffect(() => {
    const kept = field.current;
    alive.current = true;
    kept.value = kept.value || "[]";
    kept.addEventListener("written", show);
    show();
    return () => {
      alive.current = false;
      kept.removeEventListener("written", show);
      Object.values(calls.current).forEach((call) => call.abort());
    };
  }, []);
  useEffect(() => {  // what is on its way is not left behind: neither by going on, nor by closing the page
    if (!going.length) return;
    const hold = (event) => {
      const button = event.target.closest?.(".form-page button");
      if (!button || button.closest("[data-link]")) return;
      event.preventDefault();
      event.stopPropagation();
      setError(going.some((one) => one.isLost) ? `One ${noun} is not sent yet: try again, or stop it.`
        : `Just a moment: a ${noun} is still on its way.`);
      box.current?.scrollIntoView({ block: "center" });
    };
    const stay = (event) => event.preventDefault();
    window.addEventListener("click", hold, true);
    window.addEventListener("beforeunload", stay);
    return () => { window.removeEventListener("click", hold, true); window.removeEventListener("beforeunload", stay); };
  }, [going]);
  const change = (key, told) => setGoing((all) => all.map((one) => (one.key === key ? { ...one, ...told } : one)));
  const drop = (key) => setGoing((all) => all.filter((one) => one.key !== key));
  const send = async (key, file) => {
    if (!alive.current) return;
    change(key, { share: 0, isLost: false });
    const light = await lighter(file);
    if (light.size > FILES.bytes) { setError(FILES.words.big); drop(key); return; }
    const answer = await sendFile(`${base}/files`, { document: form, item: link }, light,
      (share) => change(key, { share }), (call) => { calls.current[key] = call; });
    delete calls.current[key];
    if (!alive.current) return;
    if (!answer) { drop(key); return; }
    if (answer.isLost) { setError(answer.told.error); change(key, { isLost: true }); return; }
    drop(key);
    if (!answer.ok) { setError(answer.told.error ?? FILES.words.lost); return; }
    const preview = answer.told.image ? await previewOf(file) : "";
    if (!alive.current) return;
    if (preview) setPreviews((all) => ({ ...all, [answer.told.id]: preview }));
    setError("");
    const made = [...fileIds(field.current), answer.told.id];
    keep(made);
    setSaid(`${Noun} ${made.length} was added.`);
  };
  const line = (key, file) => { queue.current = queue.current.then(() => send(key, file)); };
  const add = (event) => {
    const room = FILES.most - ids.length - going.length, chosen = [...event.target.files];
    event.target.value = "";
    if (!chosen.length) return;
    setError(chosen.length > room ? `There is room for ${FILES.most} ${noun}s here; the rest was left out.` : "");
    const begun = chosen.slice(0, Math.max(0, room)).map((file) => ({ key: Math.random().toString(36).slice(2), file, share: 0, isLost: false }));
    setGoing((all) => [...all, ...begun]);
    begun.forEach((one) => line(one.key, one.file));
  };
  useEffect(() => {  // the button that was pressed is gone: to the next, or to the one that adds
    if (wanted.current === null) return;
    const left = [...box.current.querySelectorAll("[data-remove]")];
    (left[Math.min(wanted.current, left.length - 1)] ?? box.current.querySelector("input[type=file]")).focus();
    wanted.current = null;
  }, [ids, going]);
  const remove = async (id, place) => {
    setError("");
    let told = null;
    try {
      const answer = await fetch(`${base}/files/remove`, { method: "POST", body: new URLSearchParams({ id }) });
      if (answer.status !== 200 && answer.status !== 404) told = (await answer.json()).error;
      else if (answer.redirected) told = FILES.words.out;
    } catch { told = FILES.words.lost.split(" It is kept")[0]; }
    if (!alive.current) return;
    if (told) { setError(told); return; }
    wanted.current = place;
    keep(fileIds(field.current).filter((one) => one !== id));
    setSaid(`${Noun} ${place + 1} was removed.`);
  };
  const stop = (key) => { wanted.current = FILES.most; calls.current[key]?.abort(); drop(key); };
  const picture = (id, place) => {
    const source = previews[id] ?? (isDesk || odd[id] ? "" : `/portal/file?id=${id}&small`);
    return jsx("span", { className: "file-thumb" }, source
      ? jsx("img", { src: source, alt: "", loading: "lazy", onError: () => setOdd((all) => ({ ...all, [id]: true })) })
      : jsx("span", { "aria-hidden": true }, kind === "photo" ? "▣" : "PDF"));
  };
  const isFull = ids.length + going.length >= FILES.most, lower = (n) => `${noun} ${n + 1}`;
  return jsx("div", { ref: box, className: "files" },
    jsx("input", { ref: field, type: "hidden", "data-part": "answer" }),
    ids.length + going.length > 0 && jsx("ul", { className: "files-list" },
      ids.map((id, place) => jsx("li", { key: id, className: "file" }, picture(id, place),
        isDesk ? jsx("span", { className: "file-name" }, `${Noun} ${place + 1}`)
          : jsx("a", { className: "file-name link", href: `/portal/file?id=${id}`, target: "_blank", rel: "noopener" },
            `${Noun} ${place + 1}`, jsx("span", { className: "sr" }, ", opens in a new tab")),
        jsx("button", { type: "button", className: "link file-act", "data-remove": true, onClick: () => remove(id, place) },
          "Remove", jsx("span", { className: "sr" }, " " + lower(place))))),
      going.map((one, n) => jsx("li", { key: one.key, className: "file" },
        jsx("span", { className: "file-thumb" }, jsx("span", { "aria-hidden": true }, "↑")),
        jsx("span", { className: "file-name" }, one.isLost ? "Not sent yet" : one.share < 1 ? "Sending…" : "Looking at it…",
          !one.isLost && jsx("progress", { value: one.share, max: 1, className: "form-progress", "aria-label": `Sending ${lower(ids.length + n)}` })),
        one.isLost && jsx("button", { type: "button", className: "link file-act", onClick: () => { setError(""); line(one.key, one.file); } }, "Try again"),
        jsx("button", { type: "button", className: "link file-act", onClick: () => stop(one.key) },
          "Stop", jsx("span", { className: "sr" }, " sending " + lower(ids.length + n)))))),
    jsx("label", { className: "btn ghost file-add", "data-full": isFull || undefined },
      jsx("input", { type: "file", className: "sr", accept: kind === "photo" ? "image/*" : "image/*,application/pdf",
        multiple: true, disabled: isFull, onChange: add, "aria-describedby": `${link}-files ${link}-error` }),
      ids.length ? `Add another ${noun}` : `Add a ${noun}`),
    jsx("p", { id: `${link}-files`, className: "ask-help file-help" }, isFull
      ? `That is all there is room for: ${FILES.most}.`
      : kind === "photo" ? `Up to ${FILES.most} photos. Only you and those who treat you see them.`
      : `Photos or PDF, up to ${FILES.most}. Only you and those who treat you see them.`),
    jsx("p", { role: "alert", className: "ask-error" }, error),
    jsx("p", { role: "status", className: "sr" }, said));
}
"""

file_picker = FilePicker.create
