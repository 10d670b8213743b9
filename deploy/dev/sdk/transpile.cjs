// Turns files of TypeScript into JavaScript without a look at their types, which takes a second instead of ten:
//
//   node transpile.cjs node_modules folder file…
const { basename, join } = require('node:path');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');

const [modules, folder, ...files] = process.argv.slice(2);
const ts = require(join(modules, 'typescript'));

mkdirSync(folder, { recursive: true });
for (const file of files) {
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
    fileName: file,
  });
  writeFileSync(join(folder, basename(file).replace(/\.ts$/, '.js')), outputText);
}
