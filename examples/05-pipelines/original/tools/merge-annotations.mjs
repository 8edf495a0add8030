// Numbers the annotations of several folders anew, with links to their images.
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { optionsOf } from './options.mjs'

const options = optionsOf(process.argv.slice(2))
const [destination] = options.get('destination')
rmSync(destination, { recursive: true, force: true })
mkdirSync(path.join(destination, 'Annotations'), { recursive: true })
mkdirSync(path.join(destination, 'JPEGImages'))
let count = 0
for (const source of options.get('source'))
  for (const name of readdirSync(source).toSorted()) {
    count += 1
    const id = String(count).padStart(6, '0')
    const xml = readFileSync(path.join(source, name), 'utf8')
    const [, image] = /<filename>(.*?)<\/filename>/.exec(xml)
    const renamed = xml.replace(/<filename>.*?<\/filename>/, `<filename>${id}.PNG</filename>`)
    writeFileSync(path.join(destination, 'Annotations', `${id}.xml`), renamed)
    const target = path.resolve(source, '..', 'JPEGImages', image)
    symlinkSync(target, path.join(destination, 'JPEGImages', `${id}.PNG`))
  }
console.log(`SUMMARY\n=======\nannotations: ${count}`)
