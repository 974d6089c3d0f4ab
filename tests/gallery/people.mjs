// People at the demo directory's page: what they look for, and what they see.

import { browser, open, settled } from "./browser.mjs";
import { demo } from "./demo.mjs";
import { gallery } from "./inputs.mjs";

/** A browser, a directory and its page; `page` is the one that `fresh` opened last. */
export async function visit() {
  const context = await browser();
  const root = demo();
  const url = gallery(root, "out");
  const people = {
    context,
    root,
    url,
    page: null,
    /** Opens the page anew, at an address. */
    async fresh(hash = "") {
      people.page = await open(context, url + hash);
      await settled(people.page);
      return people.page;
    },
    /** Waits until what was done has come about. */
    settled: () => settled(people.page),
    names: () => people.page.locator(".card .name").allTextContents(),
    count: () => people.page.locator("#count").textContent(),
    heads: () => people.page.locator(".grouphead h2").allTextContents(),
    name: () => people.page.locator("#v-name").textContent(),
    button: (text) => people.page.getByRole("button", { name: text, exact: true }),
    isViewing: () => people.page.locator("#viewer").evaluate((viewer) => viewer.open),
    async hash() {
      await people.settled();
      return new URLSearchParams(new URL(people.page.url()).hash.slice(1));
    },
  };
  return people;
}
