"""Refusals about forms in words: part of `problems.SENTENCES`."""

FORM_SENTENCES: dict[str, tuple[str, str]] = {
    # answers
    "answer_missing": ("", "Please answer this one."),
    "answer_unticked": ("", "Please tick this, once you have read it."),
    "answer_long": ("", "Please shorten this to {limit} characters."),
    "answer_number": ("", "Please write a number here."),
    "answer_range": ("", "Please give a number from {least} to {most} {unit}."),
    "answer_least": ("", "Please give a number of {least} {unit} or more."),
    "answer_most": ("", "Please give a number of {most} {unit} or less."),
    "answer_date": ("", "Please give a date, such as 2026-05-31."),
    "answer_explain": ("", "Please tell us a little more about this yes."),
    "answer_other": ("", "Please tell us what it is."),
    "answer_row_name": ("", "One line has details but no name. Please name it, or take the line out."),
    "initials_missing": ("", "Please put your initials here."),
    "initials_long": ("", "Just your initials, please: up to 10 letters."),
    "signature_missing": ("", "Please sign here: draw your signature, or type your name."),
    "signature_name": ("", "Please write the full name of the person who signs."),
    "reason_missing": ("", "Please say why. It stays with the document."),
    # filling in
    "form_empty": ("Nothing is filled in yet", "Please answer at least one question. Nothing was sent."),
    "form_unconfirmed": (
        "One question first",
        "Please tell us whether anything has changed since last time. Nothing was sent.",
    ),
    "form_changed": (
        "The clinic changed this form meanwhile",
        "What you answered is kept where it still fits. Nothing was sent yet: please look through it once more.",
    ),
    "answer_changed": (
        "Changed on another device",
        "This answer was changed somewhere else while you wrote. Both are shown: choose the one that is right.",
    ),
    "document_changed": (
        "Changed on another device",
        "Some answers were changed somewhere else a moment ago. Nothing was sent: please look, then send it.",
    ),
    "document_closed": (
        "This form is complete",
        "It was sent already, perhaps on another device. Nothing was changed.",
    ),
    "visit_ended": (
        "The visit this was for is off",
        "It was cancelled or is over, so there is nothing to fill in or sign for it. Nothing was sent.",
    ),
    "form_begun": (
        "The patient has begun this form",
        "What they wrote is theirs until they send it. They go on with it in their portal, or here with someone who treats "
        "them.",
    ),
    "form_unpublished": ("This form is not in use", "The clinic does not ask for it at the moment."),
    # staff
    "form_asked": ("It is asked for already", "The patient finds it in their portal. Nothing was added."),
    "form_done": ("It was completed already", "It cannot be taken back; it can be declared void, with a reason."),
    "signed_already": ("Nothing to sign here", "It was signed already, or does not ask for this signature."),
    "document_void": ("It is void already", "Nothing was changed."),
    "draft_changed": (
        "Somebody else changed this draft",
        "Nothing of theirs was overwritten, and what you wrote just now was not kept. Reload to see how it stands.",
    ),
    "form_shape": ("", "Something in this form made no sense to us. It was not saved."),
    "form_name": ("", "Please give it a name of up to {limit} letters."),
    "form_kind": ("Another kind of form has this name", "{slug} is there already, and is no form of this kind."),
    "form_number": ("", "Please give a whole number from {least} to {most}."),
    # a form that cannot be published yet
    "form_text_empty": ("", "There is nothing to read here yet. Please write it."),
    "form_text_long": ("", "This text is too long. Please shorten it, or make two of it."),
    "form_no_question": ("", "This form asks nothing yet. Please add a question."),
    "form_no_section": ("", "There is no text to sign yet. Please add a section."),
    "form_link_twice": ("", "Two parts of this form have the name {link_id}. Please give each its own."),
    "form_link_reserved": ("", "The name {link_id} belongs to a signature. Please choose another."),
    "form_silent_required": ("", "A heading or a paragraph asks nothing, so it cannot be required."),
    "form_options_missing": ("", "Please add the answers to choose from."),
    "form_options_twice": ("", "Two answers are the same. Please change one or take it out."),
    "form_options_empty": ("", "One answer has no words yet."),
    "form_options_other": ("", "“Other” is there by itself. Please take this answer out."),
    "form_options_unwanted": ("", "This question has no answers to choose from. Please take them out."),
    "form_scale": ("", "A scale goes from one whole number up to another, in {limit} steps at most."),
    "form_range": ("", "The least number must be smaller than the most."),
    "form_condition_later": ("", "It is shown by the answer to a question that does not stand above it."),
    "form_condition_silent": ("", "It is shown by the answer to a heading or a paragraph, which has none."),
    "form_condition_answer": ("", "It is shown by an answer that cannot be given to that question."),
    "form_condition_operator": ("", "The answers to that question cannot be compared like this."),
}
