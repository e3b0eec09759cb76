"""French messages for errors of the operating system and of databases, whose own are in the machine's language."""

import errno
import logging
import os
import sys

_WORDS = {
    errno.ENOENT: "il n’y a rien de ce nom",
    errno.EACCES: "vous n’en avez pas le droit",
    errno.EPERM: "vous n’en avez pas le droit",
    errno.EROFS: "ce disque se lit sans s’écrire",
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "votre place sur le disque est pleine",
    errno.EFBIG: "le fichier serait trop grand",
    errno.EISDIR: "c’est un dossier",
    errno.ENOTDIR: "un fichier est là où il faut un dossier",
    errno.EEXIST: "ce nom est déjà pris",
    errno.ENAMETOOLONG: "le nom est trop long",
    errno.ELOOP: "un lien mène à lui-même",
    errno.EIO: "le disque ne répond pas comme il faut",
    errno.EBUSY: "un autre programme s’en sert",
    errno.EMFILE: "trop de fichiers sont ouverts",
    errno.ENFILE: "trop de fichiers sont ouverts",
    errno.ENOMEM: "la mémoire est pleine",
}

#: French messages for SQLite's errors, by a part of their text.
_OF_SQLITE = {
    "is locked": "un autre programme y écrit",
    "disk is full": "le disque est plein",
    "readonly database": "vous n’avez pas le droit d’y écrire",
    "unable to open": "ce fichier ne s’ouvre pas",
    "disk I/O": "le disque ne répond pas comme il faut",
    "not a database": "ce fichier n’est pas un carnet de notes",
    "malformed": "ce fichier est abîmé",
}

#: Errors of the machine, not of one file: all other files would fail too.
OF_THE_MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM})


def reason(error: OSError) -> str:
    """Return the French message for an error, or the system's own for a rare one."""
    return _WORDS.get(error.errno or 0) or error.strerror or str(error)


def sentence(error: OSError) -> str:
    """Return a French sentence with the file, if known, and the reason."""
    words = reason(error)
    if error.filename is not None:
        return f"« {os.fsdecode(error.filename)} » : {words}."
    return f"{words[:1].upper()}{words[1:]}."


def of_database(error: BaseException) -> str:
    """Return the French message for a database error, also of SQLAlchemy, or the database's own for a rare one."""
    own = " ".join(str(getattr(error, "orig", None) or error).split())
    return next((words for said, words in _OF_SQLITE.items() if said in own), own)


def silent_log(errors: list[str]) -> logging.Logger:
    """Return a logger for nbgrader that shows nothing and appends error messages to a list.

    Errors of the system or the database go first, in French: nbgrader logs them with a traceback.
    """

    def keep(record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            errors.insert(0, sentence(error))
        elif error is not None and getattr(error, "orig", None):
            errors.insert(0, f"Le carnet de notes ne s’écrit pas : {of_database(error)}.")
        else:
            errors.append(record.getMessage())

    handler = logging.Handler(logging.ERROR)
    handler.emit = keep  # type: ignore[method-assign]
    log = logging.Logger("nbgrader")
    log.addHandler(handler)
    return log
