import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

import { readSshConfig, type SshHostConfig } from '../../../src/driver/sftp/read-ssh-config.ts'

let home: string

beforeAll(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-ssh-config-'))
})
afterAll(() => {
  fs.rmSync(home, { recursive: true })
})

function read(host: string, text: string): SshHostConfig {
  const file = path.join(home, 'config')
  fs.writeFileSync(file, text)
  return readSshConfig(host, { home, files: [file, path.join(home, 'missing')] })
}

describe('readSshConfig', () => {
  it('gives the first value of each keyword, and all identity files', () => {
    const found = read(
      'data',
      `
# a comment
Host data
  HostName data.example.org
  Port=2222
  User "john doe"
  IdentityFile ~/.ssh/one
Host *
  User other
  port 22
  IdentityFile %d/two
`,
    )
    expect(found).toMatchObject({
      hostName: 'data.example.org',
      port: 2222,
      user: 'john doe',
      identityFiles: [`${home}/.ssh/one`, `${home}/two`],
    })
  })

  it('knows wildcards, exclusions and %h', () => {
    const text = 'Host *.lab !bad.lab\n  HostName %h.example.org\n'
    expect(read('a.lab', text).hostName).toBe('a.lab.example.org')
    expect(read('bad.lab', text).hostName).toBe('bad.lab')
    expect(read('a.lab.com', text).hostName).toBe('a.lab.com')
  })

  it('takes nothing from a Match that it does not know', () => {
    const text = 'Match exec "true"\n  User wrong\nMatch all\n  User right\n'
    expect(read('h', text).user).toBe('right')
  })

  it('follows Include, and not for ever', () => {
    fs.mkdirSync(path.join(home, 'more'), { recursive: true })
    fs.writeFileSync(path.join(home, 'more', 'a.conf'), `Host h\n  User included\n`)
    fs.writeFileSync(path.join(home, 'more', 'b.txt'), `Host h\n  Port 1\n`)
    const found = read('h', 'Include config\nInclude more/*.conf\n')
    expect([found.user, found.port]).toEqual(['included', undefined])
  })

  it('knows the hosts to go through', () => {
    expect(read('h', 'Host h\nProxyJump a@one:22, two\n').jumps).toEqual(['a@one:22', 'two'])
    expect(read('h', 'ProxyJump none\n').jumps).toEqual([])
  })
})
