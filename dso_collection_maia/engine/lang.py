"""The language of the customer's own words."""

import re
from functools import cache

from .labels import LANGUAGES

_KANA = re.compile(r"[぀-ヿ]")
_HAN = re.compile(r"[㐀-鿿]")
_LETTER = re.compile(r"[^\W\d_]")
#: Fewer letters say nothing certain: then what is known of the customer decides.
FEW_LETTERS = 15


def detect(text, prior=None):
    """ISO 639-1 code of the language of ``text``, one of the product's.

    :param prior: the language of the customer's contact, when known

    >>> detect("来週お支払いします")
    'ja'
    >>> detect("ok", "nl")
    'nl'
    """
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "ja" if prior == "ja" and len(_HAN.findall(text)) < 6 else "zh"
    if prior in LANGUAGES and len(_LETTER.findall(text)) < FEW_LETTERS:
        return prior
    identifier = _identifier()
    if identifier is None or not _LETTER.search(text):
        return prior if prior in LANGUAGES else "en"
    # digits and codes of invoices belong to no language
    words = re.sub(r"\S*\d\S*|https?://\S+|\S+@\S+", " ", text)[:2000]
    if words.isupper():
        words = words.lower()
    ranked = identifier.rank(words)
    best = str(ranked[0][0])
    if prior in LANGUAGES and prior != best:
        scores = {str(lang): score for lang, score in ranked}
        if scores[best] - scores[prior] < 0.3:
            return prior
    return best


@cache
def _identifier():
    """py3langid with our languages, None where it is not installed."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        return None
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
