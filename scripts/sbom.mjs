// npm run sbom: writes sbom.cdx.json, the CycloneDX software bill of materials of a release: every package in the image,
// from the lock file of this folder. `npm sbom --omit dev` would leave out packages that development dependencies need as
// well, such as @nestjs/core.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const DEVELOPMENT = 'cdx:npm:package:development';
const options = ['--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];

const { status, stdout, stderr } = spawnSync('npm', ['sbom', ...options], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  shell: process.platform === 'win32',
});
if (status !== 0) {
  process.stderr.write(stderr);
  process.exit(1);
}
const sbom = JSON.parse(stdout);
const isDevelopment = ({ properties = [] }) => properties.some(({ name }) => name === DEVELOPMENT);
const left = new Set(sbom.components.filter(isDevelopment).map((component) => component['bom-ref']));
const kept = (ref) => !left.has(ref);
const released = {
  ...sbom,
  components: sbom.components.filter((component) => kept(component['bom-ref'])),
  dependencies: sbom.dependencies
    .filter(({ ref }) => kept(ref))
    .map(({ ref, dependsOn }) => ({ ref, ...(dependsOn && { dependsOn: dependsOn.filter(kept) }) })),
};
writeFileSync('sbom.cdx.json', `${JSON.stringify(released, null, 2)}\n`);
process.stdout.write(`sbom.cdx.json: ${released.components.length} packages\n`);
