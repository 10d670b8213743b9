package dashboard

import "io/fs"

// Templates are the files of the pages. Those for operators share some, and what begins with an underscore.
func Templates() fs.FS {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // the path is a constant
	}
	return files
}
