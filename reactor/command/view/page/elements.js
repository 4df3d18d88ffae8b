// Elements: finding them and making them.
//
// Law of this file: what is put into an element is text or another element; nothing is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

const the = (selector) => document.querySelector(selector);

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.append(...content);
  return made;
}

function svgElement(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== "") made.textContent = text;
  return made;
}
