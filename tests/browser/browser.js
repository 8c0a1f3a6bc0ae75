/*
 * The pages as people meet them: signing in, a push that shows up by itself, the
 * submission, a phone, no JavaScript, a keyboard, a screen reader's rules (axe). Started
 * by run.sh, which says where the server is and who may sign in.
 */
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { execFile } = require("node:child_process");
const { chromium } = require("playwright-core");

const { URL: url, STAFF_LINK, WORK, SHOTS, CHROMIUM, ADA_TOKEN, JUN_TOKEN } = process.env;
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const GRADED_MS = 120000;
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 900 };

/* --- what every page must hold --- */

const troubles = [];

const watch = (page) => {
  page.on("pageerror", (error) => troubles.push(`${page.url()}: ${error}`));
  page.on("dialog", (dialog) => { troubles.push(`${page.url()}: a dialog`); dialog.dismiss(); });
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 40[0-9]/.test(message.text()))
      troubles.push(`${page.url()}: ${message.text()}`);
  });
  return page;
};

const accessible = async (page, name) => {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const found = result.violations.map((v) => `${v.id}: ${v.help}\n      ${v.nodes.slice(0, 3)
    .map((n) => `${n.target} ${(n.any[0] || {}).message || ""}`).join("\n      ")}`);
  assert.deepEqual(found, [], `${name} at ${page.url()}`);
};

/* No page is wider than the screen; what is wide scrolls inside itself. */
const fits = async (page, name) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px wider than the screen`);
};

/* Both widths and both schemes, and every pair of them where colours and width meet. */
const PAIRS = [["desktop", DESKTOP, "light"], ["phone", PHONE, "dark"], ["desktop", DESKTOP, "dark"], ["phone", PHONE, "light"]];
const EVERY_PAIR = ["class", "submission"];

const look = async (page, name) => {
  for (const [size, viewport, colorScheme] of EVERY_PAIR.includes(name) ? PAIRS : PAIRS.slice(0, 2)) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await fits(page, `${name} (${size})`);
    await accessible(page, `${name} (${size}, ${colorScheme})`);
    await page.screenshot({ path: path.join(SHOTS, `${name}-${size}-${colorScheme}.png`), fullPage: true });
  }
  await page.setViewportSize(DESKTOP);
  assert.equal(await page.evaluate(() => typeof window.harm), "undefined", `${name}: a script of a student's ran`);
};

/* --- what people do --- */

const signIn = async (page, name, token) => {
  await page.goto(`${url}/signin`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
};

const git = (...words) => new Promise((done, failed) => {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: "t", GIT_AUTHOR_EMAIL: "t@example.org", GIT_COMMITTER_NAME: "t", GIT_COMMITTER_EMAIL: "t@example.org" };
  execFile("git", ["-C", WORK, ...words], { env, timeout: GRADED_MS },
    (error, out, err) => (error ? failed(new Error(`git ${words[0]}: ${err}`)) : done(out + err)));
});

const push = async (name, token, message) => {
  await git("add", "-A");
  await git("commit", "-q", "--allow-empty", "-m", message);
  const remote = url.replace("//", `//${name}:${token}@`);
  return git("push", "-q", "-f", `${remote}/git/${name}.git`, "HEAD:refs/heads/main");
};

/* Marks the document: a mark that is still there says that nothing was loaded anew. */
const mark = (page) => page.evaluate(() => { window.unloaded = true; });
const stillThere = async (page) => assert.equal(await page.evaluate(() => window.unloaded), true, "the page was loaded anew");

/* The timeline gets wider by radio buttons alone. */
const zooms = async (page) => {
  const drawing = page.locator(".timeline .stretch").first();
  for (const lane of ["spinning", "your exercise 1", "reference, ex. 1"])
    assert.ok(await page.locator("p.lane", { hasText: lane }).first().isVisible(), `no lane ${lane}`);
  const before = (await drawing.boundingBox()).width;
  await page.locator(".timeline > label").nth(1).click();
  assert.ok((await drawing.boundingBox()).width > 3 * before, "the drawing did not get wider");
  assert.ok(await page.locator("figure.chain svg").count() >= 1, "no chain of exercise 4");
};

/* --- the tests, one after the other: they are one story --- */

const story = async (browser) => {
  const ours = async (options) => {
    const page = await (await browser.newContext({ viewport: DESKTOP, ...options })).newPage();
    page.setDefaultTimeout(GRADED_MS); /* a busy machine is slow, not wrong */
    return watch(page);
  };
  const test = async (name, run) => {
    const start = Date.now();
    await run();
    assert.deepEqual(troubles, [], "what the browser complained of");
    console.log(`browser: ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  };
  const ada = await ours();
  const staff = await ours();

  await test("a wrong token is refused, the right one signs in", async () => {
    await signIn(ada, "ada", "0".repeat(64));
    await ada.getByRole("alert").waitFor();
    await look(ada, "signin");
    await signIn(ada, "ada", ADA_TOKEN);
    await ada.getByRole("heading", { name: "Your work" }).waitFor();
    await look(ada, "own-empty");
  });

  await test("a link signs staff in", async () => {
    await staff.goto(STAFF_LINK);
    await look(staff, "claim");
    await staff.getByRole("button", { name: "Sign in" }).click();
    await staff.goto(`${url}/class`);
    await staff.getByRole("heading", { name: "Class" }).waitFor();
  });

  await test("a push shows up by itself, at the student's and in the class", async () => {
    await ada.goto(url);
    for (const page of [ada, staff]) {
      await page.locator("#live.on").waitFor();
      await mark(page);
    }
    const pushed = push("ada", ADA_TOKEN, "first <img src=x onerror=harm=1>");
    await ada.locator("table.history tbody tr").first().waitFor({ timeout: GRADED_MS });
    await staff.locator("tr", { hasText: "Ada Okafor" }).getByText("graded").waitFor({ timeout: GRADED_MS });
    await pushed;
    await stillThere(ada);
    await stillThere(staff);
    assert.match(await ada.locator("#said").textContent(), /^Graded: [0-9.]+ of [0-9.]+ points\.$/);
    /* Staff who look at another student meanwhile hear of this verdict, and do not take it for that one's. */
    await staff.goto(`${url}/student/jun`);
    await staff.locator("#live.on").waitFor();
    await staff.evaluate(() => new Promise((open) => {
      const events = new EventSource(document.body.dataset.events);
      events.onopen = open;
      events.addEventListener("verdict", () => { window.heard = true; events.close(); });
    }));
    await push("ada", ADA_TOKEN, "again");
    await ada.locator("table.history tbody tr").nth(1).waitFor({ timeout: GRADED_MS });
    await staff.waitForFunction(() => window.heard);
    await staff.waitForTimeout(500);
    assert.equal(await staff.locator("#said").textContent(), "", "another student's verdict is read out");
    await look(ada, "own");
    await staff.goto(`${url}/class`);
    await look(staff, "class");
  });

  await test("a page lives again after a proxy's 502", async () => {
    const page = await ada.context().newPage();
    let asked = 0;
    await page.route("**/events", (route) => (asked++ ? route.continue() : route.fulfill({ status: 502, body: "" })));
    await page.goto(url);
    await page.locator("#live.on").waitFor({ timeout: 40000 });
    assert.equal(asked, 2);
    await page.close();
  });

  await test("a submission: the cited line is reached, the drawing zooms", async () => {
    await ada.locator("table.history tbody a").first().click();
    await ada.getByRole("heading", { name: /^Submission/ }).waitFor();
    const place = ada.locator("a.place").first();
    const cited = await place.getAttribute("href");
    await place.click();
    assert.ok(await ada.locator(`mark${cited}`).isVisible());
    await zooms(ada);
    await look(ada, "submission");
  });

  await test("traces and the report are downloads", async () => {
    for (const name of ["details:has(.traces)", "nav.steps"]) {
      await ada.evaluate((s) => { const d = document.querySelector(s); if (d) d.open = true; }, name);
      const [download] = await Promise.all([ada.waitForEvent("download"),
        ada.locator(`${name} a[download]`).first().click()]);
      assert.ok(fs.statSync(await download.path()).size > 100);
    }
  });

  await test("the other pages", async () => {
    for (const [page, address, name] of [[ada, "/exercise/ex1_nonblocking", "exercise"], [ada, "/account", "account"],
      [ada, "/class", "not-allowed"], [staff, "/failures", "failures"], [staff, "/activity", "activity"],
      [staff, "/student/jun", "student"], [staff, "/nothing", "not-found"]]) {
      await page.goto(url + address);
      await look(page, name);
    }
  });

  await test("search and sort swap the table alone", async () => {
    await staff.goto(`${url}/class`);
    await mark(staff);
    const rows = staff.locator("table.class tbody tr");
    assert.equal(await rows.count(), 32);
    await staff.getByLabel("Find a student").fill("okafor");
    await staff.waitForFunction(() => document.querySelectorAll("table.class tbody tr").length === 1);
    await staff.getByLabel("Find a student").fill("");
    await staff.waitForFunction(() => document.querySelectorAll("table.class tbody tr").length === 32);
    await staff.getByRole("link", { name: "Total" }).click();
    await staff.locator("th[aria-sort=descending]").waitFor();
    assert.match(await rows.first().textContent(), /Ada Okafor/);
    await stillThere(staff);
  });

  await test("grades for the gradebook are a download, all or by a date", async () => {
    await staff.goto(`${url}/class`);
    await staff.getByText("Grades for the gradebook").click();
    await look(staff, "class-grades");
    await staff.getByLabel("For", { exact: true }).selectOption("canvas");
    const [all] = await Promise.all([staff.waitForEvent("download"), staff.getByRole("button", { name: "Download" }).click()]);
    assert.match(all.suggestedFilename(), /^grades-canvas-\d{4}-\d\d-\d\d\.csv$/);
    const text = fs.readFileSync(await all.path(), "utf8");
    assert.match(text, /^Student,ID,SIS User ID,SIS Login ID,Section,/);
    assert.match(text, /,"ada",/);
    await staff.getByLabel("What was pushed by").fill("2020-01-01T00:00");
    const [none] = await Promise.all([staff.waitForEvent("download"), staff.getByRole("button", { name: "Download" }).click()]);
    assert.match(none.suggestedFilename(), /^grades-canvas-until-2020-01-01-0000\.csv$/);
    assert.doesNotMatch(fs.readFileSync(await none.path(), "utf8"), /"ada",[^\n]*\d/);
  });

  await test("staff hand a student who has lost the token a link that signs in", async () => {
    await staff.goto(`${url}/student/s3`);
    await staff.getByRole("button", { name: "Make a sign-in link" }).click();
    await look(staff, "student-link");
    const link = await staff.locator("#link").textContent();
    const other = await (await browser.newContext()).newPage();
    await other.goto(url + new URL(link).pathname);
    await other.getByRole("button").last().click();
    await other.getByRole("button", { name: "Make a" }).waitFor(); /* the token */
    await other.context().close();
  });

  await test("staff look as a student, and come back", async () => {
    await staff.goto(`${url}/student/ada`);
    await staff.getByRole("button", { name: "See what this student sees" }).click();
    await staff.getByText("You see what ada sees").waitFor();
    await look(staff, "view-as");
    await staff.getByRole("button", { name: "Back to your own view" }).click();
    await staff.goto(`${url}/class`);
    await staff.getByRole("heading", { name: "Class" }).waitFor();
  });

  await test("an instructor pauses, and a word to all is shown as text", async () => {
    await staff.goto(`${url}/activity`);
    await staff.getByRole("button", { name: "Pause grading" }).click();
    await staff.getByText("Grading is paused").first().waitFor();
    await staff.goto(`${url}/activity`);
    await staff.locator("#banner").fill("<b>Friday</b>");
    await staff.getByRole("button", { name: "Set" }).click();
    await ada.goto(url);
    await ada.getByText("<b>Friday</b>").waitFor();
    await staff.goto(`${url}/activity`);
    await staff.getByRole("button", { name: "Go on grading" }).click();
  });

  await test("the keyboard skips to the content", async () => {
    await ada.goto(url);
    await ada.keyboard.press("Tab");
    assert.equal(await ada.evaluate(() => document.activeElement.className), "skip-link");
    await ada.keyboard.press("Enter");
    assert.equal(await ada.evaluate(() => document.activeElement.id), "main");
  });

  await test("everything without JavaScript", async () => {
    const plain = await ours({ javaScriptEnabled: false });
    await signIn(plain, "jun", JUN_TOKEN);
    await plain.getByRole("heading", { name: "Your work" }).waitFor();
    await push("jun", JUN_TOKEN, "without"); /* git waits for the verdict */
    await plain.goto(url);
    await plain.locator("table.history tbody a").first().click();
    await plain.getByRole("heading", { name: /^Submission/ }).waitFor();
    await zooms(plain);
    await plain.getByRole("button", { name: "Sign out" }).click();
    await plain.getByRole("heading", { name: "Sign in" }).waitFor();
  });
};

const main = async () => {
  const browser = await chromium.launch({
    executablePath: CHROMIUM, headless: true, timeout: GRADED_MS,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"] });
  try {
    await story(browser);
    console.log("browser tests: all passed");
  } finally {
    await browser.close();
  }
};

main().catch((error) => {
  console.error(`browser tests: ${error.stack}`);
  process.exitCode = 1;
});
