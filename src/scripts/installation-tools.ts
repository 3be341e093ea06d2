/**
 * Programs and files that are there whenever a maintainer script runs, though an image has no use for them: scripts ask
 * for them before they use them.
 */
export function isThereAtInstallation(path: string): boolean {
  return always.has(path) || tools.has(path.slice(path.lastIndexOf('/') + 1));
}

const always = new Set(['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow', '/etc/nsswitch.conf']);

const tools = new Set([
  ...['ucf', 'ucfr', 'ucfq', 'adduser', 'addgroup', 'useradd', 'groupadd', 'usermod', 'gpasswd', 'confmodule'],
  ...['update-alternatives', 'dpkg-statoverride', 'dpkg-maintscript-helper', 'pam-auth-update', 'update-shells'],
  ...['add-shell', 'php-maintscript-helper', 'phpenmod', 'phpquery', 'a2enmod', 'a2enconf', 'a2ensite', 'a2query'],
  ...['configure-symlinks'],
]);
