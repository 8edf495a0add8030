import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileNotFound } from '@dsv/core'
import type { Step, OptionDefinition, OptionDefinitions } from '@dsv/steps'
import type { Argv } from 'yargs'
import { UsageError } from './failure.ts'

/** Declares the options of a step; all arrive as texts. */
export function describeOptions<Args>(
  options: Argv<Args>,
  definitions: OptionDefinitions,
): Argv<Args> {
  for (const [name, { type, describe, choices, isRequired }] of Object.entries(definitions))
    options.option(name, {
      type: type === 'boolean' ? 'boolean' : 'string',
      array: type === 'list' || type === 'map',
      describe: type === 'map' ? `${describe}, as name=text` : describe,
      ...(choices !== undefined && { choices: [...choices] }),
      ...(isRequired === true && { demandOption: true }),
    })
  return options
}

/**
 * Returns the options of a step as it takes them.
 *
 * @param folder - What paths of files are relative to
 */
export function readOptions(
  { options }: Step,
  args: Readonly<Record<string, unknown>>,
  folder: string,
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const [name, definition] of Object.entries(options)) {
    const value = args[name]
    if (value !== undefined) values[name] = readOption(name, definition, value, folder)
  }
  return values
}

function readOption(
  name: string,
  { type, isFile }: OptionDefinition,
  value: unknown,
  folder: string,
): unknown {
  if (isFile === true) return readText(path.resolve(folder, String(value)))
  if (type === 'number') return readNumber(name, String(value))
  if (type === 'list') return listOf(value).flatMap((text) => text.split(','))
  if (type === 'map') return Object.fromEntries(listOf(value).map((text) => readPair(name, text)))
  return value
}

function readText(file: string): string {
  if (!existsSync(file)) throw fileNotFound(file)
  return readFileSync(file, 'utf8')
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(String)
}

function readNumber(name: string, text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number))
    throw new UsageError(`--${name} takes a number, not "${text}".`)
  return number
}

function readPair(name: string, text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--${name} takes name=text, not "${text}".`)
  return [text.slice(0, at), text.slice(at + 1)]
}
