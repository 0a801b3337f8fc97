return "nested/part"
