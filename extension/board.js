// Starts the dashboard.
import init, { start } from "./board_glue.js";

await init();
start();
