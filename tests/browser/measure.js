// What a reader would stumble over, measured in the page as it is drawn. Evaluates to a list of
// sentences, empty when all is well.
(() => {
  const found = [];
  const wide = document.documentElement.clientWidth;
  const words = (node) => node.textContent.trim().replace(/\s+/g, " ").slice(0, 60);
  const say = (sentence) => found.push(sentence);

  if (document.documentElement.scrollWidth > wide)
    say(`the page is ${document.documentElement.scrollWidth} px wide, the window ${wide}`);

  // Every run of letters that is drawn, with its box and its size. What is for screen readers only,
  // and what is folded away, is not.
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("title, style, script")) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    if (element.closest("thead") && getComputedStyle(element.closest("thead")).position === "absolute") continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = element instanceof SVGElement ? element.getBoundingClientRect() : range.getBoundingClientRect();
    if (box.width === 0) continue;
    texts.push({ element, box, size: parseFloat(style.fontSize), words: words(node) });
  }
  if (texts.length < 20) say(`only ${texts.length} texts are drawn`);

  for (const { element, box, size, words } of texts) {
    if (size < 11) say(`"${words}" is ${size} px`);
    const inScroller = element.closest(".scroll");
    if (!inScroller && (box.left < -0.5 || box.right > wide + 0.5))
      say(`"${words}" reaches from ${box.left} to ${box.right} of ${wide}`);
    // One letter to a line.
    if (words.length > 3 && box.width < 16 && box.height > 40) say(`"${words}" is ${box.width} px wide`);
  }

  // Labels within drawings must not lie on each other, nor leave their drawing.
  for (const svg of document.querySelectorAll("svg")) {
    const frame = svg.getBoundingClientRect();
    const inside = texts.filter(({ element }) => svg.contains(element));
    for (const [i, one] of inside.entries()) {
      if (one.box.left < frame.left - 1 || one.box.right > frame.right + 1 || one.box.top < frame.top - 1 ||
          one.box.bottom > frame.bottom + 3)
        say(`"${one.words}" leaves its drawing`);
      for (const other of inside.slice(i + 1))
        if (one.box.left < other.box.right && other.box.left < one.box.right && one.box.top < other.box.bottom &&
            other.box.top < one.box.bottom)
          say(`"${one.words}" and "${other.words}" lie on each other`);
    }
    if (!svg.classList.contains("definitions") && !svg.hasAttribute("aria-hidden") && !svg.getAttribute("aria-label"))
      say("a drawing has no label");
  }

  // Contrast of letters with what is behind them, by WCAG 2.2: 4.5 to 1.
  const channel = (value) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = (color) => color.match(/[\d.]+/g).map(Number);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = numbers(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  for (const { element, words } of texts) {
    const style = getComputedStyle(element);
    const ink = numbers(element instanceof SVGElement ? style.fill : style.color);
    const [light, dark] = [luminance(ink), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) say(`"${words}" has a contrast of ${ratio.toFixed(2)}`);
  }
  return [...new Set(found)];
})();
