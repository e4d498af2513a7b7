// Starts an extension page.
import init, { start } from "./ui_glue.js";

await init();
start();
