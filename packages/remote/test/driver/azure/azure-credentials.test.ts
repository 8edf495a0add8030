import { describe, expect, it } from '@jest/globals'

import {
  type AzureCredentials,
  findAzureCredentials,
} from '../../../src/driver/azure/find-azure-credentials.ts'
import { parseAzureAddress } from '../../../src/driver/azure/parse-azure-address.ts'

type Text = Readonly<Record<string, string>>

async function find(env: Text, options: Text = {}, identity?: unknown): Promise<AzureCredentials> {
  const address = parseAzureAddress('azure://account/container/x', options)
  return findAzureCredentials(address, env, async () => identity)
}

describe('findAzureCredentials', () => {
  it('takes a connection string before a key, and that before a token', async () => {
    const AZURE_STORAGE_CONNECTION_STRING =
      'DefaultEndpointsProtocol=https;AccountName=account;AccountKey=a2V5MQ==;EndpointSuffix=core.example'
    const env = { AZURE_STORAGE_SAS_TOKEN: '?sig=1', AZURE_STORAGE_KEY: 'a2V5Mg==' }
    expect(await find({ ...env, AZURE_STORAGE_CONNECTION_STRING })).toMatchObject({
      type: 'key',
      key: 'a2V5MQ==',
      endpoint: 'https://account.blob.core.example',
    })
    expect(await find(env)).toMatchObject({ type: 'key', key: 'a2V5Mg==' })
    expect(await find({ AZURE_STORAGE_SAS_TOKEN: '?sig=1' })).toMatchObject({
      type: 'sas',
      sas: 'sig=1',
      endpoint: 'https://account.blob.core.windows.net',
    })
  })

  it('refuses a connection string for another account', async () => {
    const env = { AZURE_STORAGE_CONNECTION_STRING: 'AccountName=other;AccountKey=a2V5MQ==' }
    await expect(find(env)).rejects.toMatchObject({ code: 'DSV_REMOTE_CREDENTIALS_MISSING' })
  })

  it('uses the chain of @azure/identity where that is installed, and none where it is not', async () => {
    class DefaultAzureCredential {
      async getToken(): Promise<null> {
        return null
      }
    }
    expect(await find({}, {}, { DefaultAzureCredential })).toMatchObject({ type: 'token' })
    expect(await find({})).toMatchObject({ type: 'none' })
    const address = parseAzureAddress('azure://account/container', {})
    expect(await findAzureCredentials(address, {})).toMatchObject({ type: 'none' })
  })

  it('sends no token in the clear', async () => {
    const missing = { code: 'DSV_REMOTE_CREDENTIALS_MISSING' }
    const options = { endpoint: 'http://storage.example' }
    const sas = find({ AZURE_STORAGE_SAS_TOKEN: 'sig=1' }, options)
    await expect(sas).rejects.toMatchObject(missing)
    expect(await find({ AZURE_STORAGE_KEY: 'a2V5' }, options)).toMatchObject({ type: 'key' })
  })

  it('uses none for what is unsigned', async () => {
    expect(await find({ AZURE_STORAGE_KEY: 'a2V5' }, { unsigned: 'true' })).toMatchObject({
      type: 'none',
      key: undefined,
    })
  })
})

describe('parseAzureAddress', () => {
  it('names account, container and prefix', () => {
    expect(parseAzureAddress('azure://account/my-container/a/b/', {})).toMatchObject({
      account: 'account',
      container: 'my-container',
      prefix: 'a/b/',
      location: 'azure://account/my-container/a/b',
    })
  })

  it.each([
    'azure://account',
    'azure://account/',
    'azure://user:secret@account/container',
    'azure://Account/container',
    'azure://account/-c',
    'azure://account/a--b',
    'azure://account/container/../x',
    'azure://account/container/x?sig=1',
  ])('refuses %s', (address) => {
    expect(() => parseAzureAddress(address, {})).toThrow(
      expect.objectContaining({ code: 'DSV_REMOTE_URL_INVALID' }),
    )
  })

  it('refuses options with secrets, and those it does not know', () => {
    for (const options of [
      { endpoint: 'https://u:p@storage.example' },
      { endpoint: 'https://storage.example/?sig=1' },
      { endpoint: 'ftp://storage.example' },
      { key: 'x' },
      { unsigned: 'yes' },
    ]) {
      expect(() => parseAzureAddress('azure://account/container', options as Text)).toThrow(
        expect.objectContaining({ code: 'DSV_REMOTE_OPTION_INVALID' }),
      )
    }
  })
})
