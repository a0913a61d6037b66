/* Tells the styles, before anything is painted, that scripts run. */

document.documentElement.classList.add("js");
