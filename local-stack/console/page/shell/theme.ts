import { useLayoutEffect, useState } from "preact/hooks";

export type Theme = "system" | "light" | "dark";

const KEY = "edge-rag-theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** The chosen theme, kept in this browser, and a function that goes to the next one. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(
    () => THEMES.find((name) => name === localStorage.getItem(KEY)) ?? "system",
  );
  // Before the browser paints: it would show the other theme first.
  useLayoutEffect(() => {
    localStorage.setItem(KEY, theme);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return [theme, () => setTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system")];
}
