"""A field for text with headings, lists and links, kept while one writes. The server cleans what it sends."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.utils.imports import ImportVar


class RichField(rx.Component):
    """Says `on_save` with its HTML half a second after the last key, at once when it is left or taken off the page.

    The browser's own editing, without a library: what is pasted (from Word, say) loses everything but its structure.
    `picture` is the address that pictures are posted to; empty: there are none.
    """

    tag = "RichField"
    label: rx.Var[str]
    value: rx.Var[str]
    picture: rx.Var[str]
    on_save: rx.EventHandler[passthrough_event_spec(str)]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useState"), ImportVar(tag="useEffect"), ImportVar(tag="useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [_CODE]


_CODE = r"""
const richNames = { B: "strong", STRONG: "strong", I: "em", EM: "em", U: "u", P: "p", DIV: "p", H1: "h2", H2: "h2",
  H3: "h3", H4: "h3", UL: "ul", OL: "ol", LI: "li", BR: "br", A: "a", BLOCKQUOTE: "blockquote", IMG: "img" };
const richBlocks = ["P", "H2", "H3", "UL", "OL", "BLOCKQUOTE", "IMG"];
const richSkipped = ["SCRIPT", "STYLE", "TITLE", "META", "LINK", "HEAD"];
const richCopy = (from, to) => {
  for (const one of from.childNodes) {
    if (one.nodeType === 3) { to.append(one.data.replace(/\s+/g, " ")); continue; }
    if (one.nodeType !== 1 || richSkipped.includes(one.tagName)) continue;
    const name = richNames[one.tagName];
    const isBold = one.tagName === "SPAN" && parseInt(one.style.fontWeight || "0") >= 600;
    const holds = (one.tagName === "P" || one.tagName === "DIV") && one.querySelector("p, div, ul, ol, h1, h2, h3, h4, blockquote");
    const wraps = name && !holds && !(name === "strong" && one.style.fontWeight === "normal");
    const made = wraps ? document.createElement(name) : isBold ? document.createElement("strong") : to;
    if (made !== to) {
      if (name === "a" && one.getAttribute("href")) made.setAttribute("href", one.getAttribute("href"));
      if (name === "img") ["src", "alt"].forEach((what) => made.setAttribute(what, one.getAttribute(what) || ""));
      to.append(made);
    }
    richCopy(one, made);
  }
};
const richTold = (box) => {
  const copy = document.createElement("div"), told = document.createElement("div");
  richCopy(box, copy);
  let line = null;
  for (const one of [...copy.childNodes]) {
    if (one.nodeType === 1 && richBlocks.includes(one.tagName)) { told.append(one); line = null; }
    else if (line || one.nodeType === 1 || one.data.trim()) {
      if (!line) { line = document.createElement("p"); told.append(line); }
      line.append(one);
    }
  }
  told.querySelectorAll("p, h2, h3, li").forEach((one) => {
    if (one.lastChild?.tagName === "BR") one.lastChild.remove();
    if (!one.childNodes.length) one.remove();
  });
  return told.innerHTML;
};
const RICH_TOOLS = [
  ["bold", "Bold", "B"], ["italic", "Italic", "I"], ["formatBlock", "Heading", "H", "h3"],
  ["insertUnorderedList", "Bulleted list", "•"], ["insertOrderedList", "Numbered list", "1."],
];
function RichField({ id, label, value, picture, onSave }) {
  const box = useRef(null), timer = useRef(0), kept = useRef(value || ""), save = useRef(onSave), range = useRef(null);
  const files = useRef(null);
  const [on, setOn] = useState({});
  const [address, setAddress] = useState(null);
  const [told, setTold] = useState("");
  save.current = onSave;
  const show = (html) => { kept.current = html; box.current.innerHTML = html || "<p><br></p>"; };
  const flush = () => {
    clearTimeout(timer.current);
    timer.current = 0;
    if (!box.current) return;
    const html = richTold(box.current);
    if (html !== kept.current && (html || kept.current !== "<p></p>")) {
      kept.current = html;
      if (save.current) save.current(html);
    }
  };
  const saving = useRef(null);
  saving.current = flush;
  const changed = () => { clearTimeout(timer.current); timer.current = setTimeout(flush, 500); };
  const look = () => {
    const at = window.getSelection()?.anchorNode;
    if (!at || !box.current?.contains(at)) return;
    setOn(Object.fromEntries(RICH_TOOLS.map(([what, , , block]) => [what, block
      ? document.queryCommandValue(what) === block : document.queryCommandState(what)])));
  };
  useEffect(() => {
    document.execCommand("defaultParagraphSeparator", false, "p");
    show(value || "");
    document.addEventListener("selectionchange", look);
    const leave = () => saving.current();
    const shortcut = (event) => { if (event.ctrlKey || event.metaKey) leave(); };
    const doing = [[window, "beforeunload", leave], [window, "keydown", shortcut], [document.documentElement, "mouseleave", leave]];
    doing.forEach(([of, name, what]) => of.addEventListener(name, what, name === "beforeunload"));
    const mine = box.current;
    return () => {
      document.removeEventListener("selectionchange", look);
      doing.forEach(([of, name, what]) => of.removeEventListener(name, what, name === "beforeunload"));
      box.current = mine;
      flush();
    };
  }, []);
  useEffect(() => {
    if (timer.current || (value || "") === kept.current || document.activeElement === box.current) return;
    show(value || "");
  }, [value]);
  const act = (what, block) => {
    box.current.focus();
    document.execCommand(what, false, block ? (on[what] ? "p" : block) : null);
    changed();
    look();
  };
  const keep = () => {
    const found = window.getSelection();
    range.current = found.rangeCount && box.current.contains(found.anchorNode) ? found.getRangeAt(0).cloneRange() : null;
  };
  const back = () => {
    box.current.focus();
    if (!range.current) return;
    const found = window.getSelection();
    found.removeAllRanges();
    found.addRange(range.current);
  };
  const link = () => {
    const typed = (address || "").trim();
    setAddress(null);
    back();
    if (!typed) document.execCommand("unlink");
    else {
      const href = /^(https?:|mailto:|tel:)/i.test(typed) ? typed : typed.includes("@") ? `mailto:${typed}` : `https://${typed}`;
      if (window.getSelection().isCollapsed) {
        const made = document.createElement("a");
        made.href = href;
        made.textContent = typed;
        document.execCommand("insertHTML", false, made.outerHTML);
      } else document.execCommand("createLink", false, href);
    }
    changed();
  };
  const paste = (event) => {
    const html = event.clipboardData.getData("text/html");
    if (!html) return;
    event.preventDefault();
    const from = new DOMParser().parseFromString(html, "text/html").body;
    from.querySelectorAll("img").forEach((one) => one.remove());
    document.execCommand("insertHTML", false, richTold(from));
  };
  const send = async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    setTold("Sending the picture…");
    const form = new FormData();
    form.append("file", file);
    try {
      const answer = await fetch(picture, { method: "POST", body: form });
      const found = await answer.json();
      if (!answer.ok || !found.url) throw new Error();
      back();
      const made = document.createElement("img");
      made.src = found.url;
      made.alt = found.alt || "";
      document.execCommand("insertHTML", false, made.outerHTML);
      setTold("");
      changed();
    } catch { setTold("This picture could not be added. Please try a JPEG or PNG of up to 10 MB."); }
  };
  const stay = (event) => event.preventDefault();
  const tool = (what, name, sign, block) => jsx("button", { key: what, type: "button", "aria-label": name, title: name,
    "aria-pressed": on[what] ? "true" : "false", onMouseDown: stay, onClick: () => act(what, block),
    className: "rich-tool", style: { fontWeight: what === "bold" ? 700 : 500, fontStyle: what === "italic" ? "italic" : "normal" },
    children: sign });
  return jsx("div", { className: "rich-field", children: [
    jsx("div", { key: "tools", role: "toolbar", "aria-label": "How it looks: " + label, className: "rich-tools", children: [
      ...RICH_TOOLS.map((one) => tool(...one)),
      jsx("button", { key: "link", type: "button", className: "rich-tool", onMouseDown: stay, "aria-expanded": address !== null,
        onClick: () => { keep(); setAddress(address === null ? "" : null); }, children: "Link" }),
      picture ? jsx("button", { key: "picture", type: "button", className: "rich-tool", onMouseDown: stay,
        onClick: () => { keep(); files.current.click(); }, children: "Picture" }) : null,
    ] }),
    picture ? jsx("input", { key: "file", ref: files, type: "file", accept: "image/*", hidden: true, onChange: send }) : null,
    address === null ? null : jsx("div", { key: "address", className: "rich-address", children: [
      jsx("input", { key: "a", className: "field", autoFocus: true, value: address, maxLength: 500,
        "aria-label": "Address of the link, empty for none", placeholder: "https://",
        onChange: (event) => setAddress(event.target.value),
        onKeyDown: (event) => {
          if (event.key === "Enter") { event.preventDefault(); link(); }
          if (event.key === "Escape") { setAddress(null); back(); }
        } }),
      jsx("button", { key: "b", type: "button", className: "btn ghost small", onClick: link, children: "Set" }),
    ] }),
    jsx("div", { key: "box", ref: box, id, role: "textbox", "aria-multiline": "true", "aria-label": label, tabIndex: 0,
      contentEditable: true, suppressContentEditableWarning: true, className: "rich field rich-box", spellCheck: true,
      onInput: changed, onBlur: flush, onPaste: paste }),
    jsx("p", { key: "told", role: "status", className: "rich-told", children: told }),
  ] });
}
"""

rich_field = RichField.create
