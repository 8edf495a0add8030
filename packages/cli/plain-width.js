// Stands for `string-width` in the bundle. That package compiles the patterns of all emoji when it is
// loaded, which takes 13 ms of every command; help is the only text that is measured, in plain letters.
import { stripVTControlCharacters } from 'node:util'

// oxlint-disable-next-line import/no-default-export -- as the package that it stands for
export default (text) => stripVTControlCharacters(text).length
