package main

func typescriptFiles(*model) ([]file, error) { return nil, nil }
