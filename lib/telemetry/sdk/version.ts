/** As in package.json: importing that file would put all of it into the bundles. */
export const VERSION = "0.1.0";
