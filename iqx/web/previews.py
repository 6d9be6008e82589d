"""Pages on which one sees first what will be done, and then has just that done.

The form is sent once to look, and once more to confirm. Looking changes nothing; what it shows is the server's own
rehearsal, and only there is the button that confirms, with the very input that was rehearsed. With scripts the look
is renewed as one types; without, it takes a click.
"""

from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render

from iqx.core.errors import DomainError
from iqx.web.pages import Context, FormPage, add_refusal


class PreviewPage(FormPage):
    """`look` rehearses, `submit` does it; `preview_template` shows what `look` found, with the confirming form."""

    preview_template: ClassVar[str] = ""
    members_only = True

    def look(self, form: Any) -> Context:  # noqa: ANN401 each page knows its own
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if request.POST.get("do") == "confirm":
            return super().post(request, **kwargs)
        form = self.make_form()
        found: Context = {}
        status = HTTPStatus.OK
        if form.is_valid():
            try:
                found = self.look(form) | {"again": inputs_of(form)}
            except DomainError as error:
                add_refusal(form, error)
        if not found:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        if request.headers.get("HX-Request"):
            return render(request, self.preview_template, self.frame() | found | {"form": form}, status=status)
        return self.render(status, form=form, **found)


def inputs_of(form: forms.Form) -> list[tuple[str, str]]:
    """What was typed into the form's fields, to be sent once more."""
    data = form.data
    pairs = data.lists() if isinstance(data, QueryDict) else ()
    return [(name, value) for name, values in pairs if name in form.fields for value in values]
