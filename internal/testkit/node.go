package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// NodePackage returns a folder of Node's packages, node_modules, that has one of the npm registry, put there once by
// npm. The test is skipped where there is no Node, no npm or no registry: the package is not part of the repository.
func NodePackage(t testing.TB, name, version string) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is missing, so what needs the npm package %s is not tested. Install it (Debian, Ubuntu: apt-get "+
				"install nodejs npm).", tool, name)
		}
	}
	dir := filepath.Join(os.TempDir(), "hookline-"+name+"-"+version)
	if _, err := os.Stat(filepath.Join(dir, "node_modules", name, "package.json")); err == nil {
		return filepath.Join(dir, "node_modules")
	}
	fresh := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "npm", "install", "--prefix", fresh, "--no-audit", "--no-fund",
		"--prefer-offline", "--ignore-scripts", name+"@"+version)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("%s can't be installed from the npm registry, so what needs it is not tested: %v\n%s", name, err, out)
	}
	if err := os.CopyFS(dir, os.DirFS(fresh)); err != nil {
		dir = fresh // another test process was first, or the links of a package can't be copied
	}
	return filepath.Join(dir, "node_modules")
}
