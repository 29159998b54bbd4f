/** The console's page: the shell, and a view for each address. */
import { render } from "preact";
import { Shell } from "./shell/shell.tsx";

render(<Shell />, document.body);
