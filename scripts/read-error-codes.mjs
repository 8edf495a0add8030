// Reads what the errors.ts files of all packages say about the errors that users can meet.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/**
 * Returns one record for each exported function of an `errors.ts` that makes a `DsvError`:
 * `{ code, name, package, when, messages, hints }`. `when` is its TSDoc without the code; in the
 * templates `‹name›` stands for a value.
 */
export function readErrorCodes(root) {
  return readdirSync(path.join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, file: path.join(root, 'packages', name, 'src', 'errors.ts') }))
    .flatMap(({ name, file }) => readErrorFile(name, file))
    .toSorted((a, b) => (a.code + a.package < b.code + b.package ? -1 : 1))
}

function readErrorFile(packageName, file) {
  const text = readIfThere(file)
  if (text === undefined) return []
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
  return source.statements.filter(ts.isFunctionDeclaration).flatMap((declaration) => {
    const made = findErrors(declaration)
    return made.length === 0 ? [] : [describe(packageName, declaration, made)]
  })
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function describe(packageName, declaration, made) {
  const messages = made.flatMap(({ arguments: [, message] }) => alternatives(message, declaration))
  const hints = made.flatMap((each) => hintOf(each, declaration))
  return {
    code: made[0].arguments[0].text,
    name: declaration.name.text,
    package: packageName,
    when: docOf(declaration),
    messages: [...new Set(messages)],
    hints: [...new Set(hints)],
  }
}

function findErrors(node) {
  const found = []
  const visit = (each) => {
    if (ts.isNewExpression(each) && each.expression.getText() === 'DsvError') found.push(each)
    ts.forEachChild(each, visit)
  }
  visit(node)
  return found
}

/** The TSDoc, without the code that it begins with and without tags. */
function docOf(declaration) {
  const [doc] = ts.getJSDocCommentsAndTags(declaration)
  const text = ts.getTextOfJSDocComment(doc?.comment) ?? ''
  return capitalize(text.replace(/^`DSV_[A-Z_]+`:\s*/, '').replaceAll(/\s*\n\s*/g, ' '))
}

function capitalize(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function hintOf(made, declaration) {
  const [, , options] = made.arguments
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return []
  return options.properties.flatMap((property) => {
    if (property.name?.getText() !== 'hint') return []
    const value = ts.isShorthandPropertyAssignment(property) ? property.name : property.initializer
    return alternatives(value, declaration)
  })
}

/** The texts that an expression can have: a condition has two. */
function alternatives(node, declaration) {
  if (ts.isConditionalExpression(node)) {
    return [node.whenTrue, node.whenFalse].flatMap((each) => alternatives(each, declaration))
  }
  const known = ts.isIdentifier(node) ? initializerOf(node.text, declaration) : undefined
  if (known !== undefined) return alternatives(known, declaration)
  return node.getText() === 'undefined' ? [] : [templateOf(node, declaration)]
}

/** The text of a string or template; names of constants are looked up in the function. */
function templateOf(node, declaration) {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(
      ({ expression, literal }) => `‹${placeholder(expression)}›${literal.text}`,
    )
    return node.head.text + spans.join('')
  }
  if (ts.isBinaryExpression(node)) {
    return templateOf(node.left, declaration) + templateOf(node.right, declaration)
  }
  if (ts.isIdentifier(node)) {
    const known = initializerOf(node.text, declaration)
    if (known !== undefined) return templateOf(known, declaration)
  }
  return `‹${placeholder(node)}›`
}

/** The value of a constant, or the default of a parameter, of that name. */
function initializerOf(name, declaration) {
  let found
  const visit = (each) => {
    const isNamed = ts.isVariableDeclaration(each) || ts.isParameter(each)
    if (isNamed && each.name.getText() === name) found = each.initializer
    ts.forEachChild(each, visit)
  }
  visit(declaration)
  return found
}

/** A short name for the value of an expression. */
function placeholder(expression) {
  const names = expression.getText().match(/[A-Za-z_]\w*/g) ?? []
  const ignored = new Set(['JSON', 'stringify', 'String', 'join', 'map', 'slice', 'length'])
  return names.find((name) => !ignored.has(name)) ?? 'value'
}
