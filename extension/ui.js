// Starts the popup.
import init, { start } from "./ui_glue.js";

await init();
start();
