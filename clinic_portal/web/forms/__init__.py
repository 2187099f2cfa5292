"""What the portal, the desk and the editor's preview share of forms: words, controls, the sheet that saves. No State."""
