// The French words of the map.

import { number } from "./elements.js";

export const MAP_WORDS = {
  map: (title) => `Carte. ${title}`,
  keys: "Flèches : se déplacer. + et − : zoomer. 0 : tout voir. Le tableau, plus bas, dit la même chose.",
  zoomIn: "Zoomer",
  zoomOut: "Dézoomer",
  zoomAll: "Tout voir",
  wheel: "Pour zoomer avec la molette, cliquez d’abord sur la carte, ou gardez Ctrl enfoncé.",
  searching: "Recherche",
  search: "Chercher un contact",
  searchHidden: "Chercher (numéro ou groupe)",
  found: (count) => (count ? `${counted(count, "contact trouvé", "contacts trouvés")}.` : "Aucun contact trouvé."),
  groups: "Groupes",
  others: "autres",
  apart: "à part",
  apartBriefly: (count) => `À part : ${counted(count, "contact")}`,
  apartStar: (count) => `À part : ${counted(count, "contact")} (détail non connu)`,
  apartLinked: (count) => `À part : ${counted(count, "contact")} (sans lien connu, ou presque, avec les autres)`,
  rename: (label) => `Renommer « ${label} »`,
  newName: (number) => `Nouveau nom du groupe ${number}`,
  keep: "Garder",
  cancel: "Annuler",
  renamed: (name) => `« ${name} » : nom gardé dans mes-groupes.json, sur cette machine.`,
  notRenamed: (reason) => `Ce nom ne tiendra que sur cette page : ${reason}.`,
  silent: "le noyau ne répond pas. Exécutez la cellule de nouveau",
  showNames: "Montrer les noms",
  hideNames: "Cacher les noms",
  namesHidden: "Les noms de vos contacts sont cachés.",
  namesShown: "Noms montrés sur cette page ; ce document ne les garde pas.",
  noNames: "Les noms ne sont pas venus : le noyau ne répond pas. Exécutez la cellule de nouveau.",
  tooOld: "Les noms ne peuvent pas être lus ici : votre navigateur est trop ancien.",
  nobody: (number) => `Contact ${number}`,
  contact: "Contact",
  group: "Groupe",
  links: "Liens connus",
  table: "Tous les contacts",
  tableCaption: (shown, where) => `${counted(shown, "contact")}${where}`,
  inGroup: (label) => ` · ${label}`,
  page: (now, all) => `Page ${number(now)} sur ${number(all)}`,
  before: "Page précédente",
  after: "Page suivante",
  close: "Fermer",
  known: (count, inside) =>
    count
      ? `${counted(count, "lien connu", "liens connus")} avec vos autres contacts${inside ? `, dont ${number(inside)} dans son groupe` : ""}.`
      : "Aucun lien connu avec vos autres contacts.",
  notKnown: "Vos données ne disent pas lesquels de vos contacts cette personne connaît.",
  more: (count) => `Montrer les ${number(count)} autres`,
  chosen: (label, group) => `${label}, ${group}. Ses détails sont à côté de la carte.`,
  focused: (label, count) => `${label} : ${counted(count, "contact")}. Les autres sont pâles.`,
  all: "Tous les groupes sont montrés.",
  namesInFiles: "Avec des noms",
  working: "Le fichier se prépare…",
  ready: (name) => `« ${name} » est prêt : il est dans vos téléchargements.`,
  notReady: (reason) => `Le fichier n’a pas pu être fait : ${reason}.`,
  noWebGL:
    "Votre navigateur ne peut pas animer la carte (il lui manque WebGL). La voici en image fixe ; la recherche, les groupes et le tableau marchent comme d’habitude.",
  noPicture: "L’image n’est pas venue : le noyau ne répond pas. Le tableau dit la même chose.",
  lost: "Le navigateur a fermé cette carte pour en dessiner d’autres.",
  again: "La dessiner de nouveau",
};

function counted(count, one, several = `${one}s`) {
  return `${number(count)}\u00a0${count < 2 ? one : several}`;
}
