"""A field that is kept while one writes: no button, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.utils.imports import ImportVar


class Written(rx.Component):
    """Says `on_save` with its text half a second after the last key, at once when it is left, or the page seems to be.

    A newer `value` is shown unless somebody is writing there. Each field waits for itself: Reflex's own debounce knows
    one timer for all that call the same handler, and would lose what was typed in the field before.
    """

    tag = "Written"
    value: rx.Var[str]
    area: rx.Var[bool]
    on_save: rx.EventHandler[passthrough_event_spec(str)]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useState"), ImportVar(tag="useEffect"), ImportVar(tag="useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Written({ value, area, onSave, ...rest }) {
  const [text, setText] = useState(value || "");
  const field = useRef(null), timer = useRef(0), now = useRef(value || ""), kept = useRef(value || "");
  const save = useRef(onSave);
  const flushing = useRef(null);
  save.current = onSave;
  const flush = () => {
    clearTimeout(timer.current);
    timer.current = 0;
    if (now.current !== kept.current) { kept.current = now.current; if (save.current) save.current(now.current); }
  };
  flushing.current = flush;
  useEffect(() => {
    const told = value || "";
    if (timer.current || told === now.current || document.activeElement === field.current) return;
    now.current = kept.current = told;
    setText(told);
  }, [value]);
  useEffect(() => {
    const leave = () => flushing.current();
    const shortcut = (event) => { if (event.ctrlKey || event.metaKey) leave(); };
    const doing = [[window, "beforeunload", leave], [window, "keydown", shortcut], [document.documentElement, "mouseleave", leave]];
    doing.forEach(([of, name, what]) => of.addEventListener(name, what, name === "beforeunload"));
    return () => { doing.forEach(([of, name, what]) => of.removeEventListener(name, what, name === "beforeunload")); leave(); };
  }, []);
  useEffect(() => {
    if (!area || !field.current) return;
    field.current.style.height = "auto";
    field.current.style.height = field.current.scrollHeight + 2 + "px";
  }, [text, area]);
  const change = (event) => {
    now.current = event.target.value;
    setText(now.current);
    clearTimeout(timer.current);
    timer.current = setTimeout(flush, 500);
  };
  return jsx(area ? "textarea" : "input", { ...rest, ref: field, value: text, onChange: change, onBlur: flush });
}
"""
        ]


def written(
    name: Any, label: Any, value: Any, on_save: Any, *, area: bool = False, in_form: bool = False, **attributes: Any
) -> rx.Component:
    """The field alone, named by `label` for screen readers where no label stands by it (empty: one does).

    One that also belongs to a form which is submitted as a whole is `in_form`.
    """
    extra = attributes.pop("class_name", "") + (" resize-none overflow-hidden" if area else "")
    key = attributes.pop("key", name)
    told = {_spelled(one): what for one, what in attributes.items()} | ({"name": name} if in_form else {})
    if label is not None:
        told["aria-label"] = label
    return Written.create(
        id=name, key=key, value=value, area=area, on_save=on_save, class_name=f"field {extra}", custom_attrs=told
    )


def _spelled(name: str) -> str:
    """An attribute as React spells it."""
    first, *rest = name.split("_")
    return f"{first}-{'-'.join(rest)}" if first in ("aria", "data") else first + "".join(map(str.capitalize, rest))
