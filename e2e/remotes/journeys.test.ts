import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe } from '@jest/globals'
import { folderDriver, Store } from '@dsv/store'
import type { Running } from '../sandbox.ts'
import { testTwoPeople } from './two-people.ts'

describe('sharing', () => {
  testTwoPeople('a folder', async ({ folder }) => ({ url: path.join(folder, 'shared') }))

  testTwoPeople('dsv serve', async ({ folder, run, start }) => {
    const shared = path.join(folder, 'shared')
    mkdirSync(shared)
    await (await Store.create(folderDriver(shared))).close()
    const made = await run(['serve', 'token', 'add', 'both', '--rights', 'write'], {
      cwd: 'shared',
    })
    const server = start(['serve', shared, '--port', '0'])
    return {
      url: await announcedUrl(server),
      env: { DSV_TOKEN: made.stdout.trim() },
      isBegun: true,
      stop: async () => {
        server.process.kill('SIGTERM')
        await server.done
      },
    }
  })

  testTwoPeople('a Git repository', async ({ folder }) => {
    const gitdir = path.join(folder, 'shared.git')
    // What `git init --bare` makes.
    for (const name of ['objects', 'refs']) mkdirSync(path.join(gitdir, name), { recursive: true })
    writeFileSync(path.join(gitdir, 'HEAD'), 'ref: refs/heads/main\n')
    writeFileSync(path.join(gitdir, 'config'), '[core]\n\tbare = true\n')
    return { url: `git+${pathToFileURL(gitdir).href}` }
  })
})

async function announcedUrl({ process: { stdout }, done }: Running): Promise<string> {
  return new Promise((resolve, reject) => {
    stdout?.on('data', (text: string) => {
      const [url] = /http:\S+/.exec(text) ?? []
      if (url !== undefined) resolve(url)
    })
    void done.then(({ stderr }) => reject(new Error(stderr)))
  })
}
