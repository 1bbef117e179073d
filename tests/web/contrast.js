/* The visible texts of the page whose contrast to what is behind them is below `least`. */
(least) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.canvas.width = canvas.canvas.height = 1;

  const channels = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], alpha: a / 255 };
  };
  const over = (front, back) =>
    front.rgb.map((value, i) => value * front.alpha + back[i] * (1 - front.alpha));
  const behind = (element) => {
    if (!element) return channels("Canvas").rgb;
    const own = channels(getComputedStyle(element).backgroundColor);
    return own.alpha === 1 ? own.rgb : over(own, behind(element.parentElement));
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const ownText = (element) =>
    [...element.childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.textContent.trim())
      .join("") ||
    (element.matches("input, textarea") ? element.value || element.placeholder : "");
  const inScope = (element) => {
    const open = [...document.querySelectorAll("dialog[open]")].pop();
    return open ? open.contains(element) : !element.closest("dialog");
  };
  const colourOf = (element) => {
    const empty = element.matches("input, textarea") && !element.value;
    return channels(getComputedStyle(element, empty ? "::placeholder" : null).color);
  };

  return [...document.body.querySelectorAll("*")]
    .filter((element) => inScope(element) && element.checkVisibility() && ownText(element))
    .map((element) => {
      const ground = behind(element);
      const ratio = contrast(over(colourOf(element), ground), ground);
      return { text: ownText(element).slice(0, 40), ratio: Math.round(ratio * 100) / 100 };
    })
    .filter(({ ratio }) => ratio < least);
};
