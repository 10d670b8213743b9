// Parses the files of C# that its arguments name, prints where their syntax is wrong, and fails then.
const { readFileSync } = require('node:fs');
const { parse, registerDynamicLanguage } = require('@ast-grep/napi');

registerDynamicLanguage({ csharp: require('@ast-grep/lang-csharp') });

// A parser goes on after a mistake: what it did not expect is an ERROR, and what it missed is a token without text.
function* mistakes(node) {
  const { start, end } = node.range();
  if (node.kind() === 'ERROR') yield `${start.line + 1}: unexpected ${node.text().split('\n')[0]}`;
  else if (node.isLeaf() && start.index === end.index) yield `${start.line + 1}: ${node.kind()} is missing`;
  else for (const child of node.children()) yield* mistakes(child);
}

for (const file of process.argv.slice(2)) {
  for (const mistake of mistakes(parse('csharp', readFileSync(file, 'utf8')).root())) {
    console.log(`${file}:${mistake}`);
    process.exitCode = 1;
  }
}
