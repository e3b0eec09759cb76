"""Why the system refused to read or write a file, in French words: its own are in the language of the machine."""

import errno

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
}


def reason(error: OSError) -> str:
    """The words for an error, the system's own where it is a rare one."""
    return _WORDS.get(error.errno or 0) or error.strerror or str(error)
