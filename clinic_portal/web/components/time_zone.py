"""The time zone of a browser, told by itself; and a list of all zones that the browser knows, to choose from."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.utils.imports import ImportVar


class ZoneTold(rx.Component):
    """Says `on_told` with the browser's zone, once; or holds it as a hidden field called `name`."""

    tag = "ZoneTold"
    name: rx.Var[str]
    on_told: rx.EventHandler[passthrough_event_spec(str)]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useState"), ImportVar(tag="useEffect")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function ZoneTold({ name, onTold }) {
  const [zone, setZone] = useState("");
  useEffect(() => {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    setZone(here);
    if (here && onTold) onTold(here);
  }, []);
  return name ? jsx("input", { type: "hidden", name, value: zone, readOnly: true }) : null;
}
"""
        ]


class ZoneChoice(rx.Component):
    """All zones that the browser knows; `none` is the words for none of them, `chosen` the one that is.

    `suggests`: where none is chosen, the browser's own is.
    """

    tag = "ZoneChoice"
    name: rx.Var[str]
    chosen: rx.Var[str]
    none: rx.Var[str]
    suggests: rx.Var[bool]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useState"), ImportVar(tag="useEffect")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React. Zones stand below their part of the world."""
        return [
            """
function ZoneChoice({ name, chosen, none, suggests, id, className, ...more }) {
  const [zone, setZone] = useState(chosen || "");
  const [parts, setParts] = useState([]);
  useEffect(() => setZone(chosen || ""), [chosen]);
  useEffect(() => {
    const known = new Set(Intl.supportedValuesOf ? Intl.supportedValuesOf("timeZone") : []);
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (here) known.add(here);
    if (chosen) known.add(chosen);
    else if (suggests && here.includes("/")) setZone(here);
    const found = new Map();
    [...known].filter((one) => one.includes("/")).sort().forEach((one) => {
      const part = one.split("/")[0];
      found.set(part, [...(found.get(part) || []), one]);
    });
    setParts([...found]);
  }, [chosen]);
  const shown = (one) => one.split("/").slice(1).join(", ").replaceAll("_", " ");
  return jsx("select", { ...more, name, id, className, value: zone, onChange: (event) => setZone(event.target.value) },
    jsx("option", { value: "" }, none),
    parts.map(([part, zones]) => jsx("optgroup", { key: part, label: part },
      zones.map((one) => jsx("option", { key: one, value: one }, shown(one))))));
}
"""
        ]


zone_told = ZoneTold.create
zone_choice = ZoneChoice.create
