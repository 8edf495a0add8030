import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

/**
 * What is installed from PyPI, and nothing else is compared with. DVC 3.64.0 does not start with
 * pathspec 1.0, which its own requirements allow.
 */
export const PEERS = {
  dvc: ['dvc==3.64.0', 'pathspec==0.12.1'],
  'dvc-s3': ['dvc[s3]==3.64.0', 'pathspec==0.12.1'],
  datumaro: ['datumaro==1.13.12'],
  pycocotools: ['pycocotools==2.0.11'],
  // Only for TFRecord, which Datumaro leaves to TensorFlow: two gigabytes.
  'datumaro-tensorflow': ['datumaro==1.13.12', 'tensorflow-cpu==2.21.0'],
}

/** Returns the version that is installed of a peer. */
export function peerVersion(name) {
  return PEERS[name][0].split('==')[1]
}

/**
 * Installs the peers below `folder`, each in a virtual environment of its own, and returns the paths
 * of their interpreters. What is there already is used again.
 */
export function installPeers(folder, names) {
  const installed = {}
  for (const name of names) {
    const home = path.join(folder, name)
    const python = path.join(home, 'bin/python')
    if (!existsSync(path.join(home, 'installed'))) {
      console.error(`installing ${PEERS[name].join(', ')} …`)
      execFileSync('python3', ['-m', 'venv', home], { stdio: 'inherit' })
      execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...PEERS[name]], {
        stdio: 'inherit',
      })
      execFileSync('touch', [path.join(home, 'installed')])
    }
    installed[name] = python
  }
  return installed
}
