/** The colours of the page, for the canvas. */
import { useEffect, useState } from "preact/hooks";

/** The colour that a class has now: canvas knows neither variables nor light-dark(). */
export function colourOf(name: string): string {
  const probe = document.createElement("i");
  probe.className = `metrics-tone ${name}`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** A number that changes when the page's colours do. */
export function useThemeVersion(): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const change = () => setVersion((before) => before + 1);
    const observer = new MutationObserver(change);
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", change);
    return () => {
      observer.disconnect();
      dark.removeEventListener("change", change);
    };
  }, []);
  return version;
}
