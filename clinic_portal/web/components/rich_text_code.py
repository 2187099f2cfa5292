"""What `rich_text` is in the browser: its look, which comes with it, and its code for React."""

STYLE = """
.rich-text { border: 1px solid var(--edge); border-radius: var(--radius-m); background: var(--surface); }
.rich-text:focus-within { border-color: var(--brand); }
.rich-bar { display: flex; flex-wrap: wrap; gap: 2px; padding: 6px; border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 5; background: var(--surface); border-radius: var(--radius-m) var(--radius-m) 0 0; }
.rich-bar button { display: grid; place-items: center; width: 36px; height: 36px; border: 0; border-radius: 8px; background: none; color: var(--ink-2); }
.rich-bar button:hover { background: var(--sunken); color: var(--ink); }
.rich-bar button[aria-pressed=true], .rich-bar button[aria-expanded=true] { background: var(--brand-soft); color: var(--brand-strong); }
.rich-bar button[aria-disabled=true] { color: #a9a299; cursor: not-allowed; background: none; }
.rich-bar svg { width: 19px; height: 19px; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.rich-gap { width: 1px; margin: 8px 5px; background: var(--line); }
@media (max-width: 480px) { .rich-gap { display: none; } }
.rich-ask { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; padding: 10px 12px; border-bottom: 1px solid var(--line); background: var(--sunken); }
.rich-ask label { flex: 1 1 220px; font-size: 13px; font-weight: 600; }
.rich-ask .field { min-height: 40px; padding: 6px 12px; margin-top: 4px; font-weight: 400; }
.rich-status { font-size: 13px; color: var(--ink-2); padding: 8px 14px; } .rich-status:empty { display: none; } .rich-status.bad { color: var(--danger); font-weight: 500; }
.rich-text .ProseMirror, .rich-wait { min-height: 180px; padding: 14px 18px; font-size: 16px; line-height: 1.6; outline: none; }
.rich-text .ProseMirror { white-space: pre-wrap; overflow-wrap: anywhere; font-variant-ligatures: none; }
.rich-text .ProseMirror > * { margin: 0 0 .7em; } .rich-text .ProseMirror > :last-child { margin: 0; }
.rich-text .ProseMirror > :is(h2, h3):not(:first-child) { margin-top: 1.2em; }
.rich-text .ProseMirror :is(ul, ol) { padding-left: 1.5em; list-style: disc; } .rich-text .ProseMirror ol { list-style: decimal; } .rich-text .ProseMirror li > p { margin: .15em 0; }
.rich-text .ProseMirror blockquote { border-left: 3px solid var(--edge); padding-left: 1em; color: var(--ink-2); }
.rich-text .ProseMirror a { color: var(--brand); text-decoration: underline; text-underline-offset: 3px; }
.rich-text .ProseMirror img { display: block; max-width: 100%; height: auto; border-radius: var(--radius-s); } .rich-text img.ProseMirror-selectednode { outline: 3px solid var(--brand); outline-offset: 2px; }
.rich-text .ProseMirror-gapcursor { display: none; position: absolute; } .rich-text .ProseMirror-focused .ProseMirror-gapcursor { display: block; border-top: 1px solid var(--ink); width: 20px; }
.rich-text .ProseMirror-hideselection *::selection { background: transparent; }
"""

CODE = r"""
const RICH_ICONS = {
  bold: "M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z", italic: "M10 5h8M6 19h8M14.5 5l-5 14",
  heading: "M6 5v14M18 5v14M6 12h12", bulletList: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  orderedList: "M10 6h10M10 12h10M10 18h10M4 4.5l1.5-.5v5M3.8 14.6c.3-1.4 2.6-1.1 2.3.4-.2.9-2.3 2-2.3 3h2.6",
  blockquote: "M5 17c2.5-1 4-3 4-6H5V7h4v4M14 17c2.5-1 4-3 4-6h-4V7h4v4",
  link: "M10 13.5a4 4 0 0 0 5.7.1l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10.5a4 4 0 0 0-5.7-.1l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  picture: "M4 5h16v14H4zM4 16l4.5-4.5 4 4L15 13l5 4.5M15.5 9h.01", undo: "M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-3",
  redo: "M16 5l4 4-4 4M20 9H10a5.5 5.5 0 0 0 0 11h3",
};
const richAddress = (typed) => {
  const told = typed.trim();
  if (!told) return "";
  if (/^(https?:|mailto:|tel:)/i.test(told)) return told;
  if (/^[a-z][a-z0-9+.-]*:(?![0-9]+([/?#]|$))/i.test(told)) return null;
  if (/^[^/\s@]+@[^/\s@]+$/.test(told)) return "mailto:" + told;
  return /^\+?[0-9 ()-]{6,}$/.test(told) ? "tel:" + told.replace(/[^0-9+]/g, "") : "https://" + told;
};
const richLoad = () => Promise.all([import("@tiptap/core"), import("@tiptap/starter-kit"), import("@tiptap/extension-image")]);
function RichText({ id, label, name, value, picturesTo, describedBy, saved, isLost, onChange }) {
  const first = value || "";
  const place = useRef(null), editor = useRef(null), bar = useRef(null), files = useRef(null);
  const [html, setHtml] = useState(first);
  const [on, setOn] = useState(null);
  const [stop, setStop] = useState(0);
  const [ask, setAsk] = useState(null);
  const [told, tell] = useState(null);
  const kept = useKept({ first, pause: 400, saved, isLost, onSave: onChange });
  useEffect(() => {
    let isGone = false;
    richLoad().then(([{ Editor }, { default: StarterKit }, { default: Image }]) => {
      if (isGone) return;
      const look = ({ editor: e }) => setOn({
        bold: e.isActive("bold"), italic: e.isActive("italic"), heading: e.isActive("heading"), bulletList: e.isActive("bulletList"),
        orderedList: e.isActive("orderedList"), blockquote: e.isActive("blockquote"), link: e.isActive("link"),
        picture: e.isActive("image"), undo: e.can().undo(), redo: e.can().redo(),
      });
      const read = (e) => (e.isEmpty ? "" : e.getHTML().replace(/(<p><\/p>)+$/, ""));
      editor.current = new Editor({
        element: place.current, injectCSS: false, content: first,
        extensions: [StarterKit.configure({
          heading: { levels: [2, 3] }, code: false, codeBlock: false, strike: false, horizontalRule: false,
          link: { openOnClick: false, defaultProtocol: "https", protocols: ["mailto", "tel"], HTMLAttributes: { target: null, rel: null } },
        }), Image.configure({ allowBase64: false })],
        editorProps: { attributes: { id, role: "textbox", "aria-multiline": "true", "aria-label": label,
          ...(describedBy ? { "aria-describedby": describedBy } : {}) } },
        onCreate: look, onTransaction: look, onBlur: kept.flush,
        onUpdate: ({ editor: e }) => {
          setHtml(read(e));
          kept.change(read(e));
        },
      });
      kept.take(read(editor.current));
    }).catch(() => tell(["bad", "The editor could not be loaded. Please open this page again."]));
    return () => { isGone = true; kept.flush(); editor.current?.destroy(); editor.current = null; };
  }, []);
  const chain = () => editor.current.chain().focus();
  const begin = (what) => {
    const e = editor.current;
    const typed = what === "link" ? e.getAttributes("link").href || "" : e.getAttributes("image").alt || "";
    setAsk((last) => (last?.what === what ? null : { what, typed }));
  };
  const finish = () => {
    const e = editor.current;
    if (ask.what === "alt") chain().updateAttributes("image", { alt: ask.typed.trim() }).run();
    else {
      const href = richAddress(ask.typed);
      if (href === null) { tell(["bad", "Links go to web pages, e-mail addresses and phone numbers."]); return; }
      if (!href) chain().extendMarkRange("link").unsetLink().run();
      else if (e.state.selection.empty && !e.isActive("link")) {
        chain().insertContent({ type: "text", text: ask.typed.trim(), marks: [{ type: "link", attrs: { href } }] }).unsetMark("link").run();
      } else chain().extendMarkRange("link").setLink({ href }).run();
    }
    tell(null);
    setAsk(null);
  };
  const send = async (file) => {
    if (!file) return;
    tell(["", "Sending the picture…"]);
    const form = new FormData();
    form.append("file", file);
    try {
      const answer = await fetch(picturesTo, { method: "POST", body: form });
      const { url } = answer.ok ? await answer.json() : {};
      if (!url || !editor.current) throw new Error("refused");
      const at = editor.current.state.selection.from;
      chain().setImage({ src: url, alt: "" }).run();
      let found = null;
      editor.current.state.doc.descendants((node, where) => {
        if (node.type.name === "image" && node.attrs.src === url && (found === null || Math.abs(where - at) < Math.abs(found - at))) found = where;
      });
      if (found !== null) editor.current.commands.setNodeSelection(found);
      tell(null);
      setAsk({ what: "alt", typed: "" });
    } catch { tell(["bad", "This picture could not be added. A JPEG, PNG or WebP of a few megabytes can."]); }
  };
  const tools = [
    ["bold", "Bold", () => chain().toggleBold().run()], ["italic", "Italic", () => chain().toggleItalic().run()], null,
    ["heading", "Heading", () => chain().toggleHeading({ level: on.heading ? editor.current.getAttributes("heading").level : 2 }).run()],
    ["bulletList", "List", () => chain().toggleBulletList().run()], ["orderedList", "Numbered list", () => chain().toggleOrderedList().run()],
    ["blockquote", "Quote", () => chain().toggleBlockquote().run()], null, ["link", "Link", () => begin("link")],
    ...(picturesTo ? [["picture", on?.picture ? "Describe the picture" : "Picture", () => (on.picture ? begin("alt") : files.current.click())]] : []),
    null, ["undo", "Undo", () => chain().undo().run()], ["redo", "Redo", () => chain().redo().run()],
  ];
  const names = tools.filter(Boolean).map(([what]) => what);
  const walk = (event) => {
    const to = { ArrowRight: stop + 1, ArrowLeft: stop - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + names.length) % names.length;
    setStop(next);
    bar.current.querySelectorAll("button")[next].focus();
  };
  const tool = (one, n) => {
    if (!one) return jsx("span", { key: n, className: "rich-gap", "aria-hidden": true });
    const [what, title, act] = one;
    const isOff = !on || ((what === "undo" || what === "redo") && !on[what]);
    const isAsking = what === "link" ? ask?.what === "link" : what === "picture" && ask?.what === "alt";
    const state = what === "undo" || what === "redo" ? {} : what === "link" || what === "picture"
      ? { "aria-expanded": isAsking, ...(what === "link" ? { "aria-pressed": Boolean(on?.link) } : {}) } : { "aria-pressed": Boolean(on?.[what]) };
    return jsx("button", { key: what, type: "button", title, "aria-label": title, "aria-disabled": isOff, "aria-controls": id, ...state,
      tabIndex: names[stop] === what ? 0 : -1, onMouseDown: (event) => event.preventDefault(),
      onClick: () => { if (isOff) return; setStop(names.indexOf(what)); act(); } },
    jsx("svg", { viewBox: "0 0 24 24", "aria-hidden": true }, jsx("path", { d: RICH_ICONS[what] })));
  };
  const leave = () => { setAsk(null); tell(null); chain().run(); };
  return jsx("div", { className: "rich-text" },
    jsx("style", { href: "rich-text", precedence: "medium" }, RICH_STYLE),
    jsx("div", { ref: bar, className: "rich-bar", role: "toolbar", "aria-label": "Formatting: " + label, onKeyDown: walk }, tools.map(tool)),
    ask && jsx("div", { className: "rich-ask" },
      jsx("label", null, ask.what === "link" ? "Where the link leads" : "What the picture shows, for those who cannot see it",
        jsx("input", { key: ask.what, className: "field", autoFocus: true, value: ask.typed, maxLength: ask.what === "link" ? 1000 : 300,
          placeholder: ask.what === "link" ? "https://" : "", onChange: (event) => setAsk({ ...ask, typed: event.target.value }),
          onKeyDown: (event) => {
            if (event.key === "Enter") { event.preventDefault(); finish(); }
            if (event.key === "Escape") { event.preventDefault(); leave(); }
          } })),
      jsx("button", { type: "button", className: "btn small", onClick: finish }, "Done"),
      ask.what === "link" && on?.link && jsx("button", { type: "button", className: "btn ghost small",
        onClick: () => { chain().extendMarkRange("link").unsetLink().run(); setAsk(null); } }, "Remove link")),
    jsx("p", { role: "status", className: "rich-status " + (told?.[0] ?? "") }, told?.[1] ?? ""),
    jsx("div", { ref: place }),
    !on && jsx("div", { className: "rich-wait", "aria-hidden": true }),
    picturesTo && jsx("input", { ref: files, type: "file", accept: "image/jpeg,image/png,image/webp", hidden: true, tabIndex: -1, "aria-label": "Picture",
      onChange: (event) => { const file = event.target.files[0]; event.target.value = ""; send(file); } }),
    name && jsx("input", { type: "hidden", name, value: html, readOnly: true }));
}
"""
