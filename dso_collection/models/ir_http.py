"""What goes wrong on a page without login is told in plain words, and nothing else."""

import logging
import re

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.http import JsonRPCDispatcher, Response, request

from ..controllers.access_guard import HEADERS, AccessGuard

_logger = logging.getLogger(__name__)

#: Where nobody has logged in.
OUTSIDE = re.compile(r"/dso/(c|i|pay|secret)/|/dso/new-link(/|$)")
#: Where scripts of the payment form ask, and read what is wrong.
ASKING = re.compile(r"/dso/pay/[^/]+/transaction$")
#: A body that is too large, in HTTP.
TOO_LARGE = 413


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _match(cls, path_info):
        """A method that no route of ours takes is told on our page, too: Odoo tells
        it before anything of :meth:`_handle_error` is asked."""
        try:
            return super()._match(path_info)
        except MethodNotAllowed as error:
            if OUTSIDE.match(request.httprequest.path):
                error.error_response = cls._handle_error(error)
            raise

    @classmethod
    def _handle_error(cls, exception):
        """On our pages every error is a page of ours: no traceback, no name of a
        module, no session, and nobody keeps it."""
        if not OUTSIDE.match(request.httprequest.path):
            return super()._handle_error(exception)
        by_script = isinstance(request.dispatcher, JsonRPCDispatcher)
        if by_script and ASKING.match(request.httprequest.path):
            return super()._handle_error(cls._dso_words_of(exception))
        code = exception.code if isinstance(exception, HTTPException) else 500
        code = code if code and code >= 400 else 500
        try:
            request.env.cr.rollback()
            cls._auth_method_public()
            guard = AccessGuard()
            if code == 404:
                return guard._nothing()
            values = {"too_large": code == TOO_LARGE}
            return guard._render("dso_collection.access_broken", values, code)
        except Exception:
            # whatever broke the page may break this one, too
            _logger.exception("No page for an error of status %s", code)
            return Response(status=code, headers=HEADERS)

    @classmethod
    def _dso_words_of(cls, exception):
        """An error that says as much, and of which Odoo tells a script no traceback."""
        if isinstance(exception, NotFound):
            return NotFound()
        # who may not read what is told with the name of a model
        if isinstance(exception, UserError) and not isinstance(exception, AccessError):
            return UserError(exception.args[0])
        return UserError(request.env._("This did not work. Please try again later."))
