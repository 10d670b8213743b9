module github.com/hookline/hookline/pkg/client

go 1.24
